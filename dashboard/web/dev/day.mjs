// A lively day of a made-up centre in the wallboard's JSON, for development,
// screenshots and tests. Nothing here is random: one seed, one day.

const NAMES = [
  ['技术支持', 'Technical support', 'support'], ['销售咨询', 'Sales', 'sales'], ['投诉建议', 'Complaints', 'complaints'],
  ['企业客户', 'Business customers', 'business'], ['贵宾专线', 'VIP line', 'vip'], ['安装维修', 'Installation', 'install'],
  ['账务查询', 'Billing', 'billing'], ['夜间值班', 'Night desk', 'night'],
]
const PEOPLE = ['王芳 Wang Fang', '李伟 Li Wei', '张敏 Zhang Min', '刘洋 Liu Yang', '陈静 Chen Jing', '杨磊 Yang Lei', '赵丽 Zhao Li',
  '黄强 Huang Qiang', '周婷 Zhou Ting', '吴昊 Wu Hao', '徐慧 Xu Hui', '孙鹏 Sun Peng', '马超 Ma Chao', '朱琳 Zhu Lin', '胡斌 Hu Bin',
  '郭雪 Guo Xue', '何佳怡 He Jiayi', '高翔 Gao Xiang', '林晓燕 Lin Xiaoyan', '罗军 Luo Jun', '欧阳子墨 Ouyang Zimo', '谢娜 Xie Na']
export const REASONS = [['break', '小休', 'Break'], ['meal', '用餐', 'Meal'], ['meeting', '会议', 'Meeting'], ['desk', '处理工单', 'Desk work']]

const iso = (ms) => new Date(ms).toISOString()
const share = (part, whole) => ({ part: Math.min(part, whole), whole, value: whole ? Math.min(part, whole) / whole : null })

export class Day {
  constructor({ queues = 2, agents = 10, seed = 7, start = Date.now() } = {}) {
    this.seed = seed
    this.since = start
    this.seq = 0
    this.switch = true
    this.frozen = false // tests set states by hand
    this.calls = []
    this.queues = NAMES.slice(0, queues).map(([name, en, id], i) => ({
      id, name, en,
      offered: 214 - i * 23, answered: 201 - i * 22, abandoned: 9 + (i % 3), short: i % 4,
      rung: 206 - i * 22, within: 203 - i * 22 - (i % 4) * 6, heard: 198 - i * 20, heardIn: 187 - i * 21 - (i % 3) * 4, strict: 176 - i * 20,
    }))
    this.agents = Array.from({ length: agents }, (_, i) => {
      const [name, en] = [PEOPLE[i % PEOPLE.length].split(' ')[0], PEOPLE[i % PEOPLE.length].split(' ').slice(1).join(' ')]
      const suffix = i >= PEOPLE.length ? ` ${Math.floor(i / PEOPLE.length) + 1}` : ''
      const out = i % 9 === 8
      return {
        id: String(1001 + i), name: name + suffix, en: en + suffix,
        queues: this.queues.filter((__, q) => q === i % Math.max(1, queues) || (i + q) % 4 === 0).map((q) => q.id),
        state: out ? 'logged_out' : i % 7 === 5 ? 'not_ready' : 'ready', reason: i % 7 === 5 && !out ? REASONS[i % 4][0] : '',
        since: start - this.chance(9) * 60_000 - this.chance(59) * 1000, until: 0, pending: null, queue: '', caller: '', ring: null,
        today: { offers: 20 + (i % 9), answered: 19 + (i % 8), missed: i % 3, violations: i % 5 === 1 ? 1 : 0, talk_ms: 3_000_000 + i * 61_000, rung: 20 + (i % 9), rung_within: 19 + (i % 8) },
      }
    })
    // Begin in the middle of things.
    let t = start - 200_000
    while (t < start) { this.play(t); t += 1000 }
  }

  chance(n) {
    this.seed = (this.seed * 1103515245 + 12345) % 2147483648
    return Math.floor((this.seed / 2147483648) * (n + 1))
  }

  caller() { return `13${this.chance(9)}****${String(this.chance(9999)).padStart(4, '0')}` }

  set(agent, state, now, more = {}) {
    Object.assign(agent, { state, reason: '', since: now, ring: null, queue: '', caller: '', call: null }, more)
  }

  /** One second or less of the day. */
  play(now) {
    if (this.frozen) return
    const busy = this.agents.length ? this.agents.length * 1.15 : 0
    const live = this.calls.length + this.agents.filter((a) => a.state === 'on_call').length
    if (this.queues.length && live < busy && this.chance(100) < 18) {
      const q = this.queues[this.chance(this.queues.length - 1)]
      q.offered++
      this.calls.push({ queue: q.id, since: now, patience: 20_000 + this.chance(40) * 1000, caller: this.caller(), offered: false })
    }
    for (const c of this.calls.filter((x) => !x.offered && now - x.since > x.patience)) {
      this.calls = this.calls.filter((x) => x !== c)
      this.queues.find((q) => q.id === c.queue).abandoned++
    }
    for (const a of this.agents) {
      const done = now >= a.until
      if (a.state === 'ready') {
        const c = this.calls.find((x) => !x.offered && a.queues.includes(x.queue))
        if (c && this.chance(10) < 4) {
          c.offered = true
          this.set(a, 'reserved', now, { ring: { since: now, on_ms: 1000, cycle_ms: 5000, limit: 3 }, queue: c.queue, caller: c.caller, call: c, until: now + [2200, 3900, 6500, 8200, 12_500, 15_400][this.chance(5)] })
          a.today.offers++
        }
      } else if (a.state === 'reserved' && done) {
        const q = this.queues.find((x) => x.id === a.queue)
        const rung = now - a.ring.since
        q.rung++
        if (rung >= 15_000) {
          a.call.offered = false
          a.today.missed++
          a.today.violations++
          this.set(a, 'not_ready', now, { reason: 'rona', until: now + 25_000 })
        } else {
          const wait = now - a.call.since
          q.answered++; q.within++; q.heard++
          if (wait < 15_000) { q.heardIn++; q.strict++ }
          this.calls = this.calls.filter((x) => x !== a.call)
          this.set(a, 'on_call', now, { queue: a.queue, caller: a.caller, until: now + 20_000 + this.chance(150) * 1000, pending: this.chance(9) === 0 ? { state: 'not_ready', reason: 'meal' } : null })
        }
      } else if (a.state === 'on_call' && done) this.set(a, 'wrap_up', now, { until: now + 8000 + this.chance(20) * 1000 })
      else if (a.state === 'wrap_up' && done) {
        if (a.pending) this.set(a, 'not_ready', now, { reason: a.pending.reason, until: now + 60_000, pending: null })
        else this.set(a, 'ready', now)
      } else if (a.state === 'not_ready' && a.until && done) this.set(a, 'ready', now)
    }
  }

  frame(now = Date.now()) {
    const waiting = (id) => this.calls.filter((c) => c.queue === id)
    return {
      type: 'wallboard', seq: ++this.seq, ledger_seq: this.seq * 3, at: iso(now), since: iso(this.since), day: iso(now).slice(0, 10),
      timezone: 'Asia/Shanghai', centre: { name: '示例客服中心', name_en: 'Example Centre' }, switch: this.switch, silent_since: this.silentSince ? new Date(this.silentSince).toISOString() : null,
      queues: this.queues.map((q) => {
        const line = waiting(q.id)
        const mine = this.agents.filter((a) => a.queues.includes(q.id))
        const count = (s) => mine.filter((a) => a.state === s).length
        return {
          id: q.id, name: q.name, name_en: q.en, waiting: line.length, waiting_since: line.length ? iso(Math.min(...line.map((c) => c.since))) : null,
          talking: this.agents.filter((a) => a.state === 'on_call' && a.queue === q.id).length, callbacks: q.callbacks ?? 0,
          agents: Object.fromEntries(['ready', 'reserved', 'on_call', 'wrap_up', 'not_ready', 'logged_out'].map((s) => [s, count(s)])),
          offered: q.offered, answered: q.answered, abandoned: q.abandoned, short_abandoned: q.short,
          rings_agents: share(q.within, q.rung), rings_callers: share(q.heardIn, q.heard),
          service_level: { formula: 'strict', within_ms: 15000, ...share(q.strict, q.answered + q.abandoned) },
          asa_ms: 6200, longest_wait_ms: 48200, violations: q.rung - q.within,
          thresholds: { waiting_warn: 1, waiting_alarm: 5, wait_warn_ms: 10000, wait_alarm_ms: 15000, rings_warn: 0.95, rings_alarm: 0.9 },
        }
      }),
      agents: this.agents.map((a) => {
        const reason = REASONS.find((r) => r[0] === a.reason)
        return {
          id: a.id, name: a.name, name_en: a.en, queues: a.queues, state: a.state, reason: a.reason,
          reason_name: reason?.[1] ?? '', reason_name_en: reason?.[2] ?? '', since: iso(a.since), pending: a.pending,
          phone: a.ring ? 'ringing' : a.state === 'on_call' ? 'in_use' : 'idle', queue: a.queue, caller: a.caller, talk: a.talk ?? null,
          ring: a.ring && { ...a.ring, since: iso(a.ring.since) }, today: a.today,
        }
      }),
      alerts: this.alerts ?? [], emergency: this.emergency ?? null,
      calls: this.calls.map((c) => ({ queue: c.queue, since: iso(c.since), state: c.offered ? 'offered' : 'waiting', caller: c.caller, ring: { since: iso(c.since), on_ms: 1000, cycle_ms: 5000, limit: 3 } })),
    }
  }
}
