// When a figure is worth a warning, and how a wall is laid out.

import type { Queue, Share } from '../wire'

export type Level = 'ok' | 'warn' | 'alarm'

/** Counts and times are bad when high. */
export function high(value: number, warn: number | null, alarm: number | null): Level {
  if (alarm !== null && value >= alarm) return 'alarm'
  return warn !== null && value >= warn ? 'warn' : 'ok'
}

/** Shares are bad when low; a share of nothing is not bad. */
export function low(share: Share, warn: number | null, alarm: number | null): Level {
  if (share.value === null) return 'ok'
  if (alarm !== null && share.value < alarm) return 'alarm'
  return warn !== null && share.value < warn ? 'warn' : 'ok'
}

/** ms the longest waiting caller has waited; null if nobody waits. */
export function longestWait(q: Queue, now: number): number | null {
  return q.waiting > 0 && q.waitingSince !== null ? Math.max(0, now - q.waitingSince) : null
}

export type Layout = 'panels' | 'rows'

/** Few queues get a panel each with giant figures; many, a board of rows. */
export function layoutOf(queues: number): Layout {
  return queues <= 3 ? 'panels' : 'rows'
}

/** Columns for the agents' tiles on a wide screen; depends on who is configured, so nobody moves. */
export function agentColumns(agents: number): number {
  if (agents <= 16) return Math.max(6, Math.ceil(agents / 2))
  if (agents <= 21) return 7
  return agents <= 40 ? 8 : 10
}
