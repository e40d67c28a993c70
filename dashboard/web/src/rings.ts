// Which ring a phone is in (R1.3), and when a new ring deserves a sound.

import type { Agent, Ring } from './wire'

/** 1, 2, 3 … as the server counts: ring n starts n−1 cycles after the start. */
export function ringNumber(ring: Ring, now: number): number {
  return Math.floor(Math.max(0, now - ring.since) / ring.cycleMs) + 1
}

/** How urgent a ringing is: calm, amber, orange, and over the limit. */
export type RingLevel = 'calm' | 'amber' | 'orange' | 'over'

/**
 * The level of ring n under a limit. With the usual limit of three: 1 calm,
 * 2 amber, 3 orange, 4 over; the last ring allowed is always orange.
 */
export function ringLevel(n: number, limit: number): RingLevel {
  if (n > limit) return 'over'
  if (n === limit) return 'orange'
  return n === 1 ? 'calm' : 'amber'
}

/** The not-ready reason that the centre itself sets after an unanswered offer. */
export const RONA = 'rona'

export interface RingNow {
  n: number
  level: RingLevel
  elapsed: number // ms
}

export function ringNow(ring: Ring, now: number): RingNow {
  const n = ringNumber(ring, now)
  return { n, level: ringLevel(n, ring.limit), elapsed: Math.max(0, now - ring.since) }
}

const urgency: Record<RingLevel, number> = { calm: 0, amber: 1, orange: 2, over: 3 }

/**
 * RingWatch tells which levels were newly entered since it last looked, so
 * that each is heard once. What was already ringing at the first look is old
 * news: reloading a wallboard makes no noise.
 */
export class RingWatch {
  private seen: Map<string, { since: number; n: number }> | null = null

  look(agents: readonly Pick<Agent, 'id' | 'ring' | 'reason'>[], now: number): RingLevel[] {
    const first = this.seen === null
    const before = this.seen ?? new Map<string, { since: number; n: number }>()
    const next = new Map<string, { since: number; n: number }>()
    const entered: RingLevel[] = []
    for (const { id, ring, reason } of agents) {
      if (!ring) {
        // At the limit the switch takes the call back at once, so that the
        // fourth ring is seldom seen: the missed offer stands for it.
        if (before.has(id) && reason === RONA) entered.push('over')
        continue
      }
      const { n, level } = ringNow(ring, now)
      const old = before.get(id)
      const same = old !== undefined && old.since === ring.since
      // A clock estimate that improves may step back: a ring heard stays heard.
      next.set(id, { since: ring.since, n: same ? Math.max(old.n, n) : n })
      if (first || level === 'calm') continue
      const was = same ? ringLevel(old.n, ring.limit) : 'calm'
      if (urgency[level] > urgency[was]) entered.push(level)
    }
    this.seen = next
    return entered
  }
}

/** The most urgent of several levels: one sound at a time is enough. */
export function mostUrgent(levels: readonly RingLevel[]): RingLevel | null {
  let top: RingLevel | null = null
  for (const l of levels) if (top === null || urgency[l] > urgency[top]) top = l
  return top
}
