// What recordings are looked for by, as the address of the page keeps it.

export interface FoundRecording {
  call: string
  at: string
  agents: string[]
  queue: string
  number: string
  talk_ms: number
  over_rings: boolean
  release: string
  mark: number
  category: string
  state: 'kept' | 'incomplete' | 'missing' | 'erased'
  reason: string
  held: boolean
  score: number | null
  dead_air_ms: number | null
  crosstalk_ms: number | null
  agent_share: number | null
}

export interface RecordingPage {
  recordings: FoundRecording[]
  count: number | null
  more: boolean
  next_cursor: string | null
}

/** Those in sight at once, and those behind "more filters". */
export const FIRST = ['text', 'agent', 'queue', 'since', 'until'] as const
export const REST = [
  'number', 'talk_from', 'talk_to', 'over_rings', 'release', 'mark_from', 'mark_to', 'category', 'score_from', 'score_to', 'state', 'held', 'dead_air_from', 'crosstalk_from', 'monologue_from', 'first_word_from', 'quiet_to', 'share_from', 'share_to',
] as const

export type SearchKey = (typeof FIRST)[number] | (typeof REST)[number]
export type Search = Partial<Record<SearchKey, string>>

/** Reads what an address says; what it does not know is left out. */
export function readSearch(address: string): Search {
  const q = new URLSearchParams(address)
  const out: Search = {}
  for (const key of [...FIRST, ...REST]) {
    const v = q.get(key)?.trim()
    if (v) out[key] = v
  }
  return out
}

export function writeSearch(s: Search): string {
  const q = new URLSearchParams()
  for (const key of [...FIRST, ...REST]) {
    const v = s[key]?.trim()
    if (v) q.set(key, v)
  }
  const text = q.toString()
  return text ? `?${text}` : ''
}

/** What the API is asked: the last day is meant whole. */
export function queryOf(s: Search, cursor: string): string {
  const q = new URLSearchParams(writeSearch(s))
  if (s.until) q.set('until', dayAfter(s.until))
  q.set('limit', '50')
  if (cursor) q.set('cursor', cursor)
  return q.toString()
}

/** 2026-11-30 → 2026-12-01 */
export function dayAfter(day: string): string {
  const at = Date.parse(`${day}T12:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at + 86_400_000).toISOString().slice(0, 10)
}

export interface Remark {
  id: number
  at_ms: number
  text: string
  by: string
  at: string
}
