// What the API says of plans, draws and tasks, and what pages work out of it.

export const REASONS = ['low_survey', 'long', 'agent_left', 'over_rings', 'dead_air', 'new_agent'] as const

export interface Target {
  reason: string
  limit: number
  most: number
}

/** Limits that make sense to begin with; 0: the reason has none. */
export const LIMITS: Record<string, number> = { low_survey: 2, long: 600, agent_left: 0, over_rings: 0, dead_air: 30, new_agent: 30 }

export interface PlanBody {
  name: string
  per: string
  since?: string
  until?: string
  form: string
  count: number
  targets: Target[]
  queues: string[]
  agents: string[]
  min_talk_s: number
  scorers: string[]
  blind: boolean
  due_days: number
}

export interface Draw {
  id: string
  plan: string
  plan_version: number
  since: string
  until: string
  committed_at: string
  commitment: string
  late: boolean
  drawn_at: string | null
  by: string
  seed: string
  population: number
  unheard: number
  population_sha256: string
  tasks: number // in lists only, like the next two
  done: number
  overdue: number
}

export interface Plan extends PlanBody {
  id: string
  version: number
  by: string
  at: string
  ended_at?: string
  draws: Draw[]
}

export interface Task {
  id: string
  draw: string
  plan: string
  call: string
  agent: string
  call_at?: string
  reason: string
  form: string
  scorer: string
  due: string
  blind: boolean
  replaces: string
  state: string
  overdue: boolean
  evaluation: string
  submitted_at?: string
  dropped?: string
  dropped_by: string
  dropped_why: string
}

export interface Share {
  who: string
  chance: number
  target: number
  done: number
  overdue: number
  dropped: number
  asked: number
  population: number
}

export interface DrawPage {
  draw: Draw
  plan: PlanBody & { id: string }
  fulfilment: { total: Share; agents: Share[]; scorers: Share[] }
  tasks: Task[]
}

export const NEW_PLAN: PlanBody = { name: '', per: 'month', form: '', count: 5, targets: [], queues: [], agents: [], min_talk_s: 30, scorers: [], blind: false, due_days: 7 }

/** What a plan is, without what only the server says of it. */
export function bodyOf(p: PlanBody): PlanBody {
  const { name, per, since, until, form, count, targets, queues, agents, min_talk_s, scorers, blind, due_days } = p
  return { name, per, ...(per === 'once' ? { since, until } : {}), form, count, targets, queues, agents, min_talk_s, scorers, blind, due_days }
}

export type DrawState = 'coming' | 'running' | 'due' | 'drawn'

export function stateOf(d: Draw, now: number): DrawState {
  if (d.drawn_at) return 'drawn'
  if (now < Date.parse(d.since)) return 'coming'
  return now < Date.parse(d.until) ? 'running' : 'due'
}

/** The days of a period, the last one included, as the house writes them. */
export function daysOf(d: Pick<Draw, 'since' | 'until'>, zone: string): string {
  const day = (ms: number) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms)
  const first = day(Date.parse(d.since))
  const last = day(Date.parse(d.until) - 1)
  return first === last ? first : `${first} – ${last}`
}

/** The parts of a bar, in the order in which they are drawn, and what they add up to. */
export function barOf(s: Share): { done: number; overdue: number; open: number; all: number } {
  const all = s.chance + s.target
  return { done: s.done, overdue: s.overdue, open: all - s.done - s.overdue, all }
}
