// What the page of limits and bans reads, and what it works out of it.

import { instant, list, num, raw, str } from '../wire'

export interface Ban {
  number: string
  since: number | null
  until: number | null // null: until it is lifted
  refused: number // before it; 0: banned by hand
  turned: number // since
  by: string
  note: string
}

export interface Turned {
  at: number | null
  number: string
  caller: string
  reason: string
}

/** One limit: what it is of, how much is taken up, and of how much. */
export interface Use {
  key: 'second' | 'waiting' | 'trunk' | 'caller' | 'minute'
  of: string // the trunk, or the number that has most calls
  now: number | null // null: not counted at a moment
  most: number // 0: no limit
  turned: number | null // by this limit; null: shown at another
}

export interface Limits {
  uses: Use[]
  unknown: number // calls of numbers that lead nowhere
  banned: number
  last: Turned[]
  rule: { after: number; withinMs: number; forMs: number }
}

export function parseBans(v: unknown): Ban[] {
  return list(raw(v).bans).map((b) => ({
    number: str(b.number),
    since: instant(b.since),
    until: instant(b.until),
    refused: num(b.refused),
    turned: num(b.turned),
    by: str(b.by),
    note: str(b.note),
  }))
}

export function parseLimits(v: unknown): Limits {
  const r = raw(v)
  const limits = raw(r.limits)
  const now = raw(r.now)
  const turned = raw(r.turned_away)
  const ban = raw(limits.ban)
  const trunks = list(now.trunks)
  const uses: Use[] = [
    { key: 'second', of: '', now: num(now.per_second), most: num(limits.per_second), turned: num(turned.too_many_calls) },
    { key: 'waiting', of: '', now: num(now.waiting), most: num(limits.waiting), turned: num(turned.too_many_waiting) },
    ...(trunks.length ? trunks : [{ trunk: '', calls: 0, limit: num(limits.per_trunk) }]).map(
      (t, i): Use => ({ key: 'trunk', of: str(t.trunk), now: num(t.calls), most: num(t.limit), turned: i === 0 ? num(turned.trunk_full) : null }),
    ),
    { key: 'caller', of: str(now.caller), now: num(now.per_caller), most: num(limits.per_caller), turned: num(turned.source_limit) },
    { key: 'minute', of: '', now: null, most: num(limits.caller_per_minute), turned: null },
  ]
  return {
    uses,
    unknown: num(turned.unknown_number),
    banned: num(turned.banned),
    last: list(r.turned_last).map((t) => ({ at: instant(t.at), number: str(t.number), caller: str(t.caller), reason: str(t.reason) })),
    rule: { after: num(ban.after), withinMs: num(ban.within_ms), forMs: num(ban.for_ms) },
  }
}

/** How near a limit is: over four fifths of it is worth a look, all of it turns people away. */
export function nearness(u: Use): 'calm' | 'warn' | 'full' {
  if (u.most === 0 || u.now === null || u.now < u.most * 0.8) return 'calm'
  return u.now < u.most ? 'warn' : 'full'
}

/** A number as people write it, without what only helps to read it. */
export const bare = (typed: string): string => typed.replace(/[\s().-]/g, '')

export const canBan = (number: string): boolean => /^\+?[0-9]{2,32}$/.test(number)

const MINUTE = 60_000
export const LENGTHS = [10 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE, 30 * 24 * 60 * MINUTE, 0] as const // 0: until it is lifted

/** What is asked for to put a ban back: its time that was left, or null if that is over. */
export function again(b: Ban, now: number): { number: string; note: string; for_ms?: number } | null {
  if (b.until === null) return { number: b.number, note: b.note }
  const left = Math.floor(b.until - now)
  return left < 1000 ? null : { number: b.number, note: b.note, for_ms: left }
}
