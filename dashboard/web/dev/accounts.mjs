// Accounts and the audit log of the fake server.
export class Accounts {
  users = [
    { name: 'admin', role: 'administrator', agent: '', teams: [], disabled: false, must_change: false, created_at: '2026-11-20T01:00:00.000Z' },
    { name: 'li.na', role: 'qa', agent: '', teams: [], disabled: false, must_change: true, created_at: '2026-11-21T01:00:00.000Z' },
  ]
  tokens = []
  lockouts = []
  factor = { enabled: false, confirmed_at: null, recovery_codes_left: 0, demanded: false }
  lines = []

  note(user, action, subject, outcome = 'done') {
    this.lines.unshift({ id: this.lines.length + 1, at: new Date().toISOString(), user, role: 'administrator', address: '192.0.2.7', action, subject, detail: '', why: '', outcome })
  }

  /** Answers [status, body], or null if the path is not about accounts. */
  answer(method, path, query, said, who) {
    if (path === '/password') {
      if (said.current !== 'first-password') return [401, { code: 'wrong_password' }]
      who.must_change = false
      return [200, { user: who }]
    }
    if (path.startsWith('/second-factor')) return this.secondFactor(method, path.slice('/second-factor'.length), said, who)
    if (path === '/lockouts' && method === 'GET') return [200, { lockouts: this.lockouts }]
    if (path === '/lockouts') {
      this.lockouts = this.lockouts.filter((l) => l.subject !== query.get('subject'))
      return [204]
    }
    if (path === '/audit') {
      const want = query.get('user')
      return [200, { entries: this.lines.filter((n) => !want || n.user === want), next_cursor: null }]
    }
    if (path === '/tokens' && method === 'GET') return [200, { tokens: this.tokens }]
    if (path === '/tokens') {
      const made = { name: said.name, scopes: said.scopes, created_by: who.name, created_at: new Date().toISOString(), expires_at: null, revoked_at: null, used_at: null }
      this.tokens.unshift(made)
      return [200, { ...made, token: 'trt_SECRET' }]
    }
    if (path.startsWith('/tokens/')) {
      this.tokens.find((k) => k.name === path.slice('/tokens/'.length)).revoked_at = new Date().toISOString()
      return [204]
    }
    if (path === '/users' && method === 'GET') return [200, { users: this.users, teams: [{ id: 'day', name: '白班', name_en: 'Day shift' }] }]
    if (path === '/users') {
      if (this.users.some((u) => u.name === said.name)) return [409, { code: 'user_exists', detail: 'there is one' }]
      const made = { agent: '', teams: [], ...said, disabled: false, must_change: true, created_at: new Date().toISOString() }
      this.users.push(made)
      return [200, { ...made, password: 'abcd-efgh-ijkl-mnop' }]
    }
    const one = /^\/users\/([\w.-]+)(\/password|\/sessions|\/second-factor)?$/.exec(path)
    const user = one && this.users.find((u) => u.name === one[1])
    if (!user) return null
    this.note(who.name, one[2] === '/password' ? 'user.password' : 'user.change', user.name)
    if (one[2] === '/sessions') return [204]
    if (one[2] === '/second-factor') {
      user.second_factor = false
      return [204]
    }
    if (one[2] === '/password') return [200, { ...Object.assign(user, { must_change: true }), password: 'qrst-uvwx-yzab-cdef' }]
    return [200, Object.assign(user, said)]
  }

  secondFactor(method, path, said, who) {
    const codes = Array.from({ length: 10 }, (_, i) => `abcd-efgh-ijkl-mn${String(i).padStart(2, 'x')}`)
    if (method === 'GET') return [200, this.factor]
    if (path === '') {
      if (said.password !== 'right') return [401, { code: 'wrong_password' }]
      return [200, { secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', uri: 'otpauth://totp/x:li.na?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=x' }]
    }
    if (said.code !== '123456') return [401, { code: 'wrong_code' }]
    if (path === '/end') {
      Object.assign(this.factor, { enabled: false, recovery_codes_left: 0 })
      return [200, { recovery_codes: [] }]
    }
    Object.assign(this.factor, { enabled: true, confirmed_at: new Date().toISOString(), recovery_codes_left: 10 })
    Object.assign(who, { must_enrol: false, second_factor: true })
    return [200, { recovery_codes: codes }]
  }
}
