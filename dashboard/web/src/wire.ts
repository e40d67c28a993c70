// What the server sends, and a reading of it that tolerates what is missing:
// a wallboard of an older build must show what it can, not fall over.

export type AgentState = 'ready' | 'reserved' | 'on_call' | 'wrap_up' | 'not_ready' | 'logged_out'
export const AGENT_STATES: readonly AgentState[] = [
  'ready',
  'reserved',
  'on_call',
  'wrap_up',
  'not_ready',
  'logged_out',
]

export type Formula = 'answered' | 'positive' | 'strict' | 'ignore_short' | 'ignore_early'

export interface Share {
  part: number
  whole: number
  value: number | null // 0..1; null without a whole
}

export interface Ring {
  since: number // ms of the server's clock
  onMs: number
  cycleMs: number
  limit: number // rings
}

export interface Thresholds {
  waitingWarn: number | null
  waitingAlarm: number | null
  waitWarnMs: number | null
  waitAlarmMs: number | null
  ringsWarn: number | null
  ringsAlarm: number | null
}

export interface Queue {
  id: string
  name: string
  nameEn: string
  waiting: number
  waitingSince: number | null
  talking: number
  callbacks: number // customers who wait to be called back
  agents: Record<AgentState, number>
  offered: number
  answered: number
  abandoned: number
  shortAbandoned: number
  ringsAgents: Share
  ringsCallers: Share
  serviceLevel: Share & { formula: string; withinMs: number }
  asaMs: number | null
  longestWaitMs: number | null
  violations: number
  /** By its hours, by hand or by an emergency plan: who calls now is not taken. */
  closed: boolean
  byHand: string // open or closed; empty: neither
  thresholds: Thresholds
}

/** What goes on in an agent's call. */
/** Whether a conversation is recorded; failed: what was asked last has not taken effect. */
export interface Tape {
  state: 'runs' | 'muted' | 'none'
  since: number | null
  until: number | null
  failed: boolean
}

export interface Talk {
  state: string
  since: number | null
  heldSince: number | null
  muted: boolean
  tape: Tape
  consult: string // empty: none
}

export interface Agent {
  id: string
  name: string
  nameEn: string
  queues: string[]
  state: AgentState
  reason: string
  reasonName: string
  reasonNameEn: string
  since: number | null
  pending: { state: AgentState; reason: string } | null
  phone: string
  queue: string
  caller: string
  ring: Ring | null
  talk: Talk | null
  today: { offers: number; answered: number; missed: number; violations: number; talkMs: number; rung: number; rungWithin: number }
}

export interface WaitingCall {
  queue: string
  since: number
  state: string
  caller: string
  ring: Ring | null
}

/** What a supervisor is called for. Kinds may come that this build does not know. */
export interface Alert {
  id: string
  kind: string
  agent: string
  agentNames: { name: string; nameEn: string }
  queue: string
  reason: string
  reasonName: string
  reasonNameEn: string
  count: number
  since: number | null
}

/** The emergency plan in force. */
export interface Emergency {
  plan: string
  name: string
  nameEn: string
  level: number
  drill: boolean
  since: number | null
  until: number | null
  alert: string[] // the people whom the plan names
  offered: number
  abandoned: number
}

export interface Frame {
  seq: number
  at: number
  since: string // when the server process started
  day: string
  timezone: string
  centre: { name: string; nameEn: string }
  switch: boolean
  /** null: this is the present; else when the server's node last heard of it (ms). */
  silentSince: number | null
  queues: Queue[]
  agents: Agent[]
  calls: WaitingCall[]
  alerts: Alert[]
  emergency: Emergency | null
}

export type Raw = Record<string, unknown>

export const raw = (v: unknown): Raw => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Raw) : {})
export const list = (v: unknown): Raw[] => (Array.isArray(v) ? v.map(raw) : [])
export const str = (v: unknown): string => (typeof v === 'string' ? v : '')
export const num = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) ? v : 0)
const numOrNull = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null)
/** An instant as ms; null for none, and for Go's zero time. */
export function instant(v: unknown): number | null {
  if (typeof v !== 'string' || v === '' || v.startsWith('0001-')) return null
  const ms = Date.parse(v)
  return Number.isNaN(ms) ? null : ms
}
/** A positive threshold; zero or nothing means "not watched". */
const limit = (v: unknown): number | null => (typeof v === 'number' && v > 0 ? v : null)

export function state(v: unknown): AgentState {
  return AGENT_STATES.includes(v as AgentState) ? (v as AgentState) : 'logged_out'
}

function share(v: unknown): Share {
  const r = raw(v)
  return { part: num(r.part), whole: num(r.whole), value: numOrNull(r.value) }
}

export function ring(v: unknown): Ring | null {
  const r = raw(v)
  const since = instant(r.since)
  const cycleMs = num(r.cycle_ms)
  if (since === null || cycleMs <= 0) return null
  return { since, onMs: num(r.on_ms), cycleMs, limit: num(r.limit) || 3 }
}

export function parseTape(v: unknown): Tape {
  const r = raw(v)
  const said = str(r.state)
  return { state: said === 'muted' || said === 'none' ? said : 'runs', since: instant(r.since), until: instant(r.until), failed: r.failed === true }
}

export function talk(v: unknown): Talk | null {
  const r = raw(v)
  if (typeof r.state !== 'string') return null
  return { state: r.state, since: instant(r.since), heldSince: instant(r.held_since), muted: r.muted === true, tape: parseTape(r.tape), consult: str(r.consult) }
}

function queue(r: Raw): Queue {
  const counts = raw(r.agents)
  const level = raw(r.service_level)
  const th = raw(r.thresholds)
  return {
    id: str(r.id),
    name: str(r.name) || str(r.id),
    nameEn: str(r.name_en) || str(r.name) || str(r.id),
    waiting: num(r.waiting),
    waitingSince: instant(r.waiting_since),
    talking: num(r.talking),
    callbacks: num(r.callbacks),
    agents: Object.fromEntries(AGENT_STATES.map((s) => [s, num(counts[s])])) as Record<AgentState, number>,
    offered: num(r.offered),
    answered: num(r.answered),
    abandoned: num(r.abandoned),
    shortAbandoned: num(r.short_abandoned),
    ringsAgents: share(r.rings_agents),
    ringsCallers: share(r.rings_callers),
    serviceLevel: { ...share(level), formula: str(level.formula), withinMs: num(level.within_ms) },
    asaMs: numOrNull(r.asa_ms),
    longestWaitMs: numOrNull(r.longest_wait_ms),
    violations: num(r.violations),
    closed: r.closed === true,
    byHand: str(r.by_hand),
    thresholds: {
      waitingWarn: limit(th.waiting_warn),
      waitingAlarm: limit(th.waiting_alarm),
      waitWarnMs: limit(th.wait_warn_ms),
      waitAlarmMs: limit(th.wait_alarm_ms),
      ringsWarn: limit(th.rings_warn),
      ringsAlarm: limit(th.rings_alarm),
    },
  }
}

function agent(r: Raw): Agent {
  const pending = raw(r.pending)
  const t = raw(r.today)
  return {
    id: str(r.id),
    name: str(r.name) || str(r.id),
    nameEn: str(r.name_en) || str(r.name) || str(r.id),
    queues: Array.isArray(r.queues) ? r.queues.filter((q): q is string => typeof q === 'string') : [],
    state: state(r.state),
    reason: str(r.reason),
    reasonName: str(r.reason_name),
    reasonNameEn: str(r.reason_name_en),
    since: instant(r.since),
    pending: pending.state ? { state: state(pending.state), reason: str(pending.reason) } : null,
    phone: str(r.phone),
    queue: str(r.queue),
    caller: str(r.caller),
    ring: ring(r.ring),
    talk: talk(r.talk),
    today: {
      offers: num(t.offers),
      answered: num(t.answered),
      missed: num(t.missed),
      violations: num(t.violations),
      talkMs: num(t.talk_ms),
      rung: num(t.rung),
      rungWithin: num(t.rung_within),
    },
  }
}

function alert(r: Raw): Alert {
  const agentName = str(r.agent_name) || str(r.agent)
  return {
    id: str(r.id),
    kind: str(r.kind),
    agent: str(r.agent),
    agentNames: { name: agentName, nameEn: str(r.agent_name_en) || agentName },
    queue: str(r.queue),
    reason: str(r.reason),
    reasonName: str(r.reason_name),
    reasonNameEn: str(r.reason_name_en) || str(r.reason_name),
    count: num(r.count),
    since: instant(r.since),
  }
}

function emergency(r: Raw): Emergency | null {
  const plan = str(r.plan)
  if (plan === '') return null
  const toll = raw(r.toll)
  return {
    plan,
    name: str(r.name) || plan,
    nameEn: str(r.name_en) || str(r.name) || plan,
    level: num(r.level),
    drill: r.drill === true,
    since: instant(r.since),
    until: instant(r.until),
    alert: Array.isArray(r.alert) ? r.alert.map(str) : [],
    offered: num(toll.offered),
    abandoned: num(toll.abandoned),
  }
}

/** Reads one text frame; null if it is not a wallboard frame. */
export function parseFrame(text: string): Frame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const r = raw(value)
  const at = instant(r.at)
  if (r.type !== 'wallboard' || at === null) return null
  const centre = raw(r.centre)
  return {
    seq: num(r.seq),
    at,
    since: str(r.since),
    day: str(r.day),
    timezone: str(r.timezone) || 'Asia/Shanghai',
    centre: { name: str(centre.name), nameEn: str(centre.name_en) || str(centre.name) },
    switch: r.switch !== false,
    silentSince: instant(r.silent_since),
    queues: list(r.queues).map(queue),
    agents: list(r.agents).map(agent),
    calls: list(r.calls).map((c) => ({
      queue: str(c.queue),
      since: instant(c.since) ?? at,
      state: str(c.state),
      caller: str(c.caller),
      ring: ring(c.ring),
    })),
    alerts: list(r.alerts).map(alert),
    emergency: emergency(raw(r.emergency)),
  }
}
