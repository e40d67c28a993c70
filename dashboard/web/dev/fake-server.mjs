// A stand-in for `threerings serve`: the built pages under the same strict
// content policy, the API and the wallboard's socket, playing dev/day.mjs.
//   npm run build && npm run fake -- --port 8090 --queues 8 --agents 40
// Sign in as lead / lead (supervisor) or 1001 / 1001 (that agent).
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { Accounts } from './accounts.mjs'
import { callDetail, callRows } from './calls.mjs'
import { Day, REASONS } from './day.mjs'
import { bans, limitsOf } from './limits.mjs'
import { gapsOf, speechOf } from './proof.mjs'
import { foundOf, marksOf, peaksOf, sendSound, soundOf } from './recordings.mjs'
import { act, CATEGORIES, deskOf, queueDay } from './desk.mjs'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
/** As strict as the server's own (dashboard/web.go). */
const policy = (nonce) =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

export class FakeServer {
  constructor(options = {}) {
    this.options = options
    this.day = new Day(options)
    this.signedIn = null
    this.pushing = true // false: the socket stays open and says nothing
    this.refuse = false // true: 4401
    this.rows = callRows(this.day)
    this.bans = []
    this.remarks = [] // on recordings
    this.heard = [] // of recordings: ranges and what was asked
    this.turned = [] // newest first
    this.asked = [] // what was asked of desks and calls
    this.accounts = new Accounts()
    this.silent = false // true: the ledger is away
    this.answer = null // (path, body) => the code of a refusal, if any
  }

  async start(port = 0) {
    this.http = createServer((req, res) => void this.serve(req, res).catch((e) => res.writeHead(500).end(String(e))))
    this.sockets = new WebSocketServer({ server: this.http, path: '/ws/v1/wallboard' })
    this.sockets.on('connection', (ws) => {
      if (this.refuse) ws.close(4401, 'not signed in')
      else this.push(ws)
    })
    this.timer = setInterval(() => {
      this.day.play(Date.now())
      for (const ws of this.sockets.clients) this.push(ws)
    }, this.options.every ?? 500)
    await new Promise((done, fail) => this.http.once('error', fail).listen(port, '127.0.0.1', done))
    this.port = this.http.address().port
    return this
  }

  push(ws) {
    if (this.pushing && ws.readyState === 1) ws.send(JSON.stringify(this.day.frame()))
  }

  /** Sends the present at once, to all. */
  flush() {
    for (const ws of this.sockets.clients) this.push(ws)
  }

  async stop() {
    clearInterval(this.timer)
    for (const ws of this.sockets.clients) ws.terminate()
    this.sockets.close()
    this.http.closeAllConnections()
    await new Promise((done) => this.http.close(done))
  }

  async serve(req, res) {
    const url = new URL(req.url, 'http://x')
    const nonce = randomUUID()
    res.setHeader('Content-Security-Policy', policy(nonce))
    if (url.pathname.startsWith('/api/v1/')) return this.api(req, res, url)
    const file = normalize(url.pathname).replace(/^(\.\.[/\\])+/, '')
    const asset = file.startsWith('/assets/')
    try {
      const body = await readFile(join(DIST, asset ? file : 'index.html'))
      res.writeHead(200, { 'Content-Type': TYPES[asset ? extname(file) : '.html'] ?? 'application/octet-stream' }).end(asset ? body : body.toString().replaceAll('{{nonce}}', nonce))
    } catch {
      res.writeHead(404).end('not found')
    }
  }

  async api(req, res, url) {
    const path = url.pathname.slice('/api/v1'.length)
    const json = (code, body) => res.writeHead(code, { 'Content-Type': code >= 400 ? 'application/problem+json' : 'application/json' }).end(JSON.stringify(body))
    const problem = (status, code, title, detail) => json(status, { code, title, detail })
    if (path === '/wallboard') return json(200, this.day.frame())
    if (path === '/reasons') return json(200, { reasons: REASONS.map(([code, name, name_en], i) => ({ digit: String(i + 1), code, name, name_en })) })
    if (this.silent) return problem(503, 'ledger_unavailable', 'Service Unavailable', 'the ledger cannot be read')
    if (path === '/session') {
      if (req.method === 'POST') {
        const { name, password, token, code } = await body(req)
        if (token) {
          if (token !== 'trt_SECRET') return problem(401, 'wrong_token', 'Unauthorized', 'not known')
          this.refuse = false
          this.signedIn = { name: 'token:wall', role: 'token', agent: '', must_change: false }
          return json(200, { user: this.signedIn })
        }
        if (!name || name !== password) return problem(401, 'bad_login', 'Wrong name or password', 'Check both and try again.')
        if (this.accounts.factor.enabled && code !== '123456') return problem(401, code ? 'wrong_code' : 'code_needed', 'Unauthorized', 'code')
        const agent = this.day.agents.find((a) => a.id === name)
        this.signedIn = { name: agent?.name ?? '班长', role: agent ? 'agent' : 'supervisor', agent: agent?.id ?? '' }
        return res.writeHead(204).end()
      }
      if (req.method === 'DELETE') this.signedIn = null
      if (req.method === 'DELETE') return res.writeHead(204).end()
      return this.signedIn ? json(200, { user: this.signedIn, expires_at: new Date(Date.now() + 3600e3).toISOString() }) : problem(401, 'not_signed_in', 'Not signed in', 'Sign in first.')
    }
    if (!this.signedIn) return problem(401, 'not_signed_in', 'Not signed in', 'Sign in first.')
    if (/^\/(users|lockouts|tokens|audit|password|second-factor)\b/.test(path)) {
      const said = req.method === 'POST' || req.method === 'PATCH' ? await body(req) : {}
      const [code, value] = this.accounts.answer(req.method, path, url.searchParams, said, this.signedIn) ?? [404, { code: 'not_found' }]
      return value ? json(code, value) : res.writeHead(code).end()
    }
    const set = /^\/agents\/(\w+)\/state$/.exec(path)
    if (set && req.method === 'POST') {
      const agent = this.day.agents.find((a) => a.id === set[1])
      const want = await body(req)
      if (!agent) return problem(404, 'unknown_agent', 'No such agent', 'Reload the page.')
      if (['on_call', 'reserved'].includes(agent.state)) agent.pending = { state: want.state, reason: want.reason ?? '' }
      else this.day.set(agent, want.state, Date.now(), { reason: want.reason ?? '', until: 0 })
      this.flush()
      return res.writeHead(204).end()
    }
    if (path === '/categories') return json(200, { categories: CATEGORIES })
    if (path === '/queues') return json(200, { day: this.day.frame().day, queues: this.day.frame().queues.map(queueDay) })
    if (path === '/emergency') return json(200, { now: null, plans: [] })
    if (path === '/limits') return json(200, limitsOf(this))
    const banned = /^\/bans(?:\/(.+))?$/.exec(path)
    if (banned) return bans(this, req.method, banned[1] && decodeURIComponent(banned[1]), req.method === 'POST' ? await body(req) : null, json, problem, res)
    if (path === '/cases') return json(200, { cases: this.day.cases ?? [] })
    const mine = /^\/agents\/(\w+)\/(desk|conversation|wrap-up|calls)$/.exec(path)
    const who = mine && this.day.agents.find((a) => a.id === mine[1])
    if (who && mine[2] === 'desk') return json(200, deskOf(this.day, who))
    if (who) {
      const said = await body(req)
      this.asked.push({ path, ...said })
      const no = this.answer?.(path, said)
      if (no) return problem(409, no, 'Conflict', 'the server refuses it')
      act(who, mine[2], said)
      this.flush()
      return json(200, {})
    }
    const close = /^\/(cases|calls)\/([\w.-]+)\/(close|registration)$/.exec(path)
    if (close) {
      this.asked.push({ path, ...(await body(req)) })
      if (close[1] === 'cases') this.day.cases = (this.day.cases ?? []).filter((c) => c.id !== close[2])
      else for (const a of this.day.agents) if (a.last_call === close[2]) a.unregistered = false
      return close[1] === 'cases' ? res.writeHead(204).end() : json(200, {})
    }
    if (path === '/calls') {
      const from = Number(url.searchParams.get('cursor') ?? 0)
      const size = Number(url.searchParams.get('limit') ?? 50)
      const rows = this.rows.filter((c) => ['queue', 'outcome', 'agent'].every((k) => !url.searchParams.get(k) || c[k] === url.searchParams.get(k)))
      return json(200, { calls: rows.slice(from, from + size), next_cursor: from + size < rows.length ? String(from + size) : null })
    }
    if (path === '/recordings/gaps') return json(200, gapsOf(this.rows, url.searchParams))
    const spoken = /^\/calls\/([\w.-]+)\/speech$/.exec(path)
    if (spoken) return json(200, speechOf(this.rows.find((c) => c.id === spoken[1]) ?? {}))
    if (path === '/recordings') return json(200, foundOf(this.rows, url.searchParams))
    const one = /^\/calls\/([\w.-]+)(\/recording|\/recording\/peaks|\/recording\/marks|\/comments(?:\/\d+)?)?$/.exec(path)
    const call = one && this.rows.find((c) => c.id === one[1])
    if (!call) return problem(404, 'not_found', 'Not found', 'There is nothing at this address.')
    if (one[2]?.startsWith('/comments')) return this.comments(req, res, json, call.id)
    if (one[2] === '/recording/peaks') return json(200, peaksOf(call))
    if (one[2] === '/recording/marks') return json(200, marksOf(call))
    if (one[2]) {
      this.heard.push(`${req.headers.range ?? ''} ${url.search}`)
      if (!url.searchParams.get('why')) return problem(400, 'reason_missing', 'Bad Request', 'say why you listen')
      return sendSound(req, res, soundOf(call))
    }
    return json(200, callDetail(call))
  }

  async comments(req, res, json, call) {
    const id = Number(/\/comments\/(\d+)$/.exec(req.url)?.[1] ?? 0)
    if (req.method === 'POST') {
      const one = { id: this.remarks.length + 1, call, by: this.signedIn?.name ?? '', at: new Date().toISOString(), ...(await body(req)) }
      this.remarks.push(one)
      return json(201, one)
    }
    if (req.method === 'DELETE') {
      this.remarks = this.remarks.filter((r) => r.id !== id)
      return res.writeHead(204).end()
    }
    return json(200, { comments: this.remarks.filter((r) => r.call === call) })
  }
}

async function body(req) {
  let text = ''
  for await (const part of req) text += part
  return text ? JSON.parse(text) : {}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, queues: { type: 'string', default: '3' }, agents: { type: 'string', default: '14' } } })
  const server = await new FakeServer({ queues: Number(values.queues), agents: Number(values.agents) }).start(Number(values.port))
  console.log(`http://127.0.0.1:${server.port}/wallboard  (lead / lead, 1001 / 1001)`)
}
