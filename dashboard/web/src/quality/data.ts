// What the API says of the quality checks, and what a page works out of it.

export interface Names {
  zh: string
  en: string
}

export interface Option {
  id: string
  name: Names
  points: number
}

export interface Item {
  id: string
  name: Names
  help: Names
  rule: string
  kind: 'scale' | 'yes_no' | 'choice'
  max?: number
  choices?: Option[]
  weight: number
  na: boolean
  fatal: '' | 'item' | 'section' | 'all'
  fatal_at?: number
}

export interface Section {
  id: string
  name: Names
  weight: number
  items: Item[]
}

export interface Form {
  id: string
  version: number
  name: Names
  sections: Section[]
  limits: { appeal_days: number; decide_days: number; max_appeals: number }
  author?: string
  reason?: string
  saved_at?: string | null
  published_at?: string | null
}

export type Answers = Record<string, string>

export interface Remark {
  at_ms: number // -1: of the whole call
  item: string
  text: string
}

export interface Judgement {
  answers: Answers
  comments: Remark[]
  summary: string
}

export interface Version {
  n: number
  at: string
  by: string
  reason: string
  judgement: Judgement
  scored: { total: string; sections: Record<string, string>; items: Record<string, string>; fatal: string[] | null }
}

export interface Objection {
  at: string
  by: string
  items: string[] | null
  reason: string
  decide_by: string
  second?: Version
  outcome: string
  decided?: string
  decider: string
  answer: string
}

export interface Evaluation {
  id: string
  task: string
  call: string
  agent: string
  call_at: string
  origin: string
  form: string
  form_version: number
  scorer: string
  state: string
  draft: Judgement
  versions: Version[] | null
  appeal_by?: string
  signed_at?: string
  sign_note: string
  objection?: Objection
  score: number | null
  fatal: string[]
  settled: boolean
  overdue: boolean
  hidden: boolean
}

export const NO_JUDGEMENT: Judgement = { answers: {}, comments: [], summary: '' }

/** A judgement as the API takes it: lists that were empty come as null. */
export const whole = (j: Judgement | undefined): Judgement => ({ answers: j?.answers ?? {}, comments: j?.comments ?? [], summary: j?.summary ?? '' })

/** An exact fraction ("260/3") as a number. */
export function fraction(text: string | undefined): number | null {
  if (!text) return null
  const [above, below = '1'] = text.split('/')
  const v = Number(above) / Number(below)
  return Number.isFinite(v) ? v : null
}

/** The answers an item can have, in the order of their keys. */
export function answersOf(it: Item): string[] {
  const own = it.kind === 'yes_no' ? ['yes', 'no'] : it.kind === 'scale' ? Array.from({ length: (it.max ?? 0) + 1 }, (_, i) => String(i)) : (it.choices ?? []).map((c) => c.id)
  return it.na ? [...own, 'na'] : own
}

function pointsOf(it: Item, answer: string): { points: number; best: number } {
  if (it.kind === 'yes_no') return { points: answer === 'yes' ? 1 : 0, best: 1 }
  if (it.kind === 'scale') return { points: Number(answer), best: it.max ?? 1 }
  const all = it.choices ?? []
  return { points: all.find((c) => c.id === answer)?.points ?? 0, best: Math.max(...all.map((c) => c.points), 1) }
}

/** Whether an answer fails a fatal item. */
export function fails(it: Item, answer: string | undefined): boolean {
  return it.fatal !== '' && answer !== undefined && answer !== 'na' && pointsOf(it, answer).points <= (it.fatal_at ?? 0)
}

/**
 * What the answers so far are worth, out of 100: for the eye while scoring. What
 * is not answered yet is left out. What counts is computed by the server, exactly.
 */
export function soFar(form: Form, answers: Answers): { score: number | null; missing: string[] } {
  const missing: string[] = []
  let total = 0
  let weights = 0
  let lost = false
  for (const s of form.sections) {
    let sum = 0
    let weight = 0
    let gone = false
    for (const it of s.items) {
      const answer = answers[it.id]
      if (answer === undefined) missing.push(it.id)
      if (answer === undefined || answer === 'na') continue
      const { points, best } = pointsOf(it, answer)
      const failed = fails(it, answer)
      gone ||= failed && it.fatal === 'section'
      lost ||= failed && it.fatal === 'all'
      sum += (failed ? 0 : points / best) * it.weight
      weight += it.weight
    }
    if (weight === 0) continue
    total += s.weight * (gone ? 0 : sum / weight)
    weights += s.weight
  }
  return { score: lost ? 0 : weights === 0 ? null : (100 * total) / weights, missing }
}

/** m:ss */
export function moment(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

export const shown = (score: number | null | undefined) => (score === null || score === undefined ? '–' : score.toFixed(1))
