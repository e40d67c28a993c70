// What was found in recordings, as the API tells it.

import { duration, seconds } from '../time'
import type { Say } from './proofText'

export interface Gap {
  call: string
  n: number
  found_at: string
  channel: 'left' | 'right' | 'both'
  at_ms: number
  length_ms: number
  reason: string
  detail: string
}

export interface GapPage {
  gaps: Gap[]
  next_cursor: string | null
}

export interface Speech {
  agent: string // empty: the whole call
  length_ms: number
  agent_talk_ms: number
  caller_talk_ms: number
  crosstalk_ms: number
  dead_air_ms: number
  longest_dead_air_ms: number
  longest_monologue_ms: number
  first_word_ms: number | null
  agent_dbfs: number | null
  caller_dbfs: number | null
  interruptions: number
}

export const REASONS = ['missing', 'cut', 'somewhere', 'switch_died', 'clock', 'silence', 'unheard', 'swapped'] as const

/** A gap in a sentence of the reader's language; an unknown reason in the server's words. */
export function gapText(say: Say, g: Gap): string {
  const known = REASONS.find((r) => r === g.reason)
  return known ? say(`said.${known}`, { at: duration(g.at_ms), length: say('seconds', { n: seconds(g.length_ms) }) }) : g.detail
}

export interface Shares {
  agent: number
  caller: number
  both: number
  dead: number
}

/** Whole percents that make 100: who spoke alone, both, nobody. */
export function shares(s: Speech): Shares {
  const whole = s.length_ms
  if (whole <= 0) return { agent: 0, caller: 0, both: 0, dead: 0 }
  const exact = { agent: s.agent_talk_ms - s.crosstalk_ms, caller: s.caller_talk_ms - s.crosstalk_ms, both: s.crosstalk_ms, dead: s.dead_air_ms }
  const keys = ['agent', 'caller', 'both', 'dead'] as const
  const out = { agent: 0, caller: 0, both: 0, dead: 0 }
  for (const k of keys) out[k] = Math.floor((exact[k] * 100) / whole)
  const rest = keys.toSorted((a, b) => ((exact[b] * 100) % whole) - ((exact[a] * 100) % whole))
  for (let left = 100 - keys.reduce((n, k) => n + out[k], 0), i = 0; left > 0 && i < keys.length; left--, i++) out[rest[i]!]++
  return out
}
