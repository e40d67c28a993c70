// An agent's desk as the server tells it, and what can be done there: pure, so
// that every rule is tested without a page.

import { instant, list, num, parseTape, raw, ring, state, str, type AgentState, type Ring, type Tape } from '../wire'

export interface DeskAgent {
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
  wrapUpAt: number | null
  wrapUpMost: number | null
  unregistered: boolean
  lastCall: string
  today: { answered: number; missed: number; rung: number; rungWithin: number; talkMs: number; registered: number }
}

export interface DeskCall {
  id: string
  queue: string
  caller: string
  number: string
  name: string
  level: string
  direction: string
  state: string
  callback: boolean
  category: string
  note: string
}

export interface DeskTalk {
  kind: string // empty: from the queue
  since: number | null
  heldSince: number | null
  heldByPhone: boolean
  muted: boolean
  tape: Tape
  consult: { agent: string; number: string; state: string; since: number | null } | null
  ring: Ring | null
  survey: boolean
}

export interface Waiting {
  id: string
  queue: string
  caller: string
  at: number | null
  attempts: number
  nextAt: number | null
}

export interface Desk {
  agent: DeskAgent
  call: DeskCall | null
  talk: DeskTalk | null
  callbacks: Waiting[]
  cases: Waiting[]
}

/** Reads a desk with tolerance for what is missing; null if it is none. */
export function parseDesk(value: unknown): Desk | null {
  const r = raw(value)
  const a = raw(r.agent)
  if (str(a.id) === '') return null
  const c = raw(r.call)
  const t = raw(r.talk)
  const x = raw(t.consult)
  const p = raw(a.pending)
  const day = raw(a.today)
  const has = str(c.id) !== ''
  return {
    agent: {
      id: str(a.id),
      name: str(a.name) || str(a.id),
      nameEn: str(a.name_en) || str(a.name) || str(a.id),
      queues: Array.isArray(a.queues) ? a.queues.filter((q): q is string => typeof q === 'string') : [],
      state: state(a.state),
      reason: str(a.reason),
      reasonName: str(a.reason_name),
      reasonNameEn: str(a.reason_name_en),
      since: instant(a.since),
      pending: p.state ? { state: state(p.state), reason: str(p.reason) } : null,
      phone: str(a.phone),
      wrapUpAt: instant(a.wrap_up_at),
      wrapUpMost: instant(a.wrap_up_most),
      unregistered: a.unregistered === true,
      lastCall: str(a.last_call),
      today: { answered: num(day.answered), missed: num(day.missed), rung: num(day.rung), rungWithin: num(day.rung_within), talkMs: num(day.talk_ms), registered: num(day.registered) },
    },
    call: has
      ? {
          id: str(c.id),
          queue: str(c.queue),
          caller: str(c.caller),
          number: str(c.number),
          name: str(c.name),
          level: str(c.level),
          direction: str(c.direction),
          state: str(c.state),
          callback: c.callback === true,
          category: str(c.category),
          note: str(c.note),
        }
      : null,
    talk: has
      ? {
          kind: str(t.kind),
          since: instant(t.since),
          heldSince: instant(t.held_since),
          heldByPhone: t.held_by_phone === true,
          muted: t.muted === true,
          tape: parseTape(t.tape),
          consult: str(x.state) ? { agent: str(x.agent), number: str(x.number), state: str(x.state), since: instant(x.answered_at) ?? instant(x.began_at) } : null,
          ring: ring(t.ring),
          survey: t.survey === true,
        }
      : null,
    callbacks: list(r.callbacks).map((w) => waiting(w, w.asked_at)),
    cases: list(r.cases).map((w) => waiting(w, w.opened_at)),
  }
}

function waiting(w: Record<string, unknown>, at: unknown): Waiting {
  return { id: str(w.id), queue: str(w.queue), caller: str(w.caller), at: instant(at), attempts: num(w.attempts), nextAt: instant(w.next_at) }
}

/** Who is at the other end: whom the agent called, or who called. */
export const customer = (c: DeskCall): string => (c.direction === 'out' ? c.number : c.caller)

export const DEEDS = ['hold', 'retrieve', 'mute', 'unmute', 'transfer', 'consult', 'toggle', 'conference', 'complete', 'cancel', 'survey', 'mute_recording', 'unmute_recording', 'hang_up'] as const
export type Deed = (typeof DEEDS)[number]

/** What can be done now. The server decides; this only keeps what it would refuse from being pressed. */
export function deedsOf(desk: Pick<Desk, 'call' | 'talk'> & { agent: Pick<DeskAgent, 'state'> }): Set<Deed> {
  const can = new Set<Deed>()
  const { call, talk } = desk
  if (!call || !talk || desk.agent.state !== 'on_call') return can
  can.add('hang_up')
  if (call.state !== 'talking' || talk.kind === 'consult') return can // the call is a colleague's
  can.add(talk.muted ? 'unmute' : 'mute')
  if (talk.tape.state !== 'none') can.add(talk.tape.state === 'muted' ? 'unmute_recording' : 'mute_recording')
  const x = talk.consult
  if (!x) {
    if (talk.heldSince === null) can.add('hold')
    else if (!talk.heldByPhone) can.add('retrieve')
    can.add('transfer')
    if (!talk.heldByPhone) can.add('consult')
    if (talk.survey) can.add('survey')
    return can
  }
  can.add('complete')
  can.add('cancel')
  if (x.state !== 'dialing') {
    can.add('toggle')
    if (x.state !== 'all') can.add('conference')
  }
  return can
}

/** The places of the call's buttons: some have two deeds, of which one can be done. */
export const PLACES: readonly { key: string; deeds: readonly Deed[] }[] = [
  { key: 'h', deeds: ['hold', 'retrieve'] },
  { key: 'm', deeds: ['mute', 'unmute'] },
  { key: 't', deeds: ['transfer'] },
  { key: 'c', deeds: ['consult'] },
  { key: 'v', deeds: ['survey'] },
  { key: 's', deeds: ['toggle'] },
  { key: 'j', deeds: ['conference'] },
  { key: 'f', deeds: ['complete'] },
  { key: 'b', deeds: ['cancel'] },
  { key: 'x', deeds: ['hang_up'] },
]

/** The place of the recording's button, beside what is said of it. K as in 卡 and card. */
export const TAPE: { key: string; deeds: readonly Deed[] } = { key: 'k', deeds: ['mute_recording', 'unmute_recording'] }

/** The deed that a place shows: the one that can be done, else the first of it. */
export const shownAt = (place: { deeds: readonly Deed[] }, can: ReadonlySet<Deed>): Deed => place.deeds.find((d) => can.has(d)) ?? place.deeds[0]!

/** The call that a registration is for: that which goes on, else the last. */
export function toRegister(desk: Desk): string {
  if (desk.agent.state === 'on_call' && desk.call?.state === 'talking' && desk.talk?.kind !== 'consult') return desk.call.id
  return desk.agent.lastCall
}

/** The mean talk of the day's calls that are over, ms; null without any. That which goes on is answered, but has no talk yet. */
export function meanTalk(desk: Pick<Desk, 'talk'> & { agent: Pick<DeskAgent, 'state' | 'today'> }): number | null {
  const { state, today } = desk.agent
  const over = today.answered - (state === 'on_call' && desk.talk?.kind === '' ? 1 : 0)
  return over > 0 ? today.talkMs / over : null
}

export type Target = { agent?: string; queue?: string; number?: string }
export interface Choice {
  value: string
  label: string
  to: Target
}

/** Whoever was chosen, or the number as it was typed. */
export function targetOf(text: string, choices: readonly Choice[]): Target {
  return choices.find((o) => o.value === text)?.to ?? { number: text.replace(/[\s()-]/g, '') }
}
