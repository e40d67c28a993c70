// When to connect, to give up on a connection, and to try again: a pure
// machine, so that every order of events can be tested without a network.

export type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'refused'

export interface State {
  phase: Phase
  failures: number // in a row, since the last frame
}

export type Input =
  | { type: 'start' }
  | { type: 'opened' }
  | { type: 'frame' }
  | { type: 'closed'; code: number; random: number } // random: 0..1, spreads the clients
  | { type: 'timer' }
  | { type: 'wake' } // the network came back, or the page is seen again
  | { type: 'stop' }

export type Effect =
  | { type: 'dial' }
  | { type: 'drop' } // forget the socket; its events no longer count
  | { type: 'timer'; ms: number } // replaces the timer there was
  | { type: 'timer-off' }

export const FIRST_RETRY_MS = 500
export const LAST_RETRY_MS = 5000
/** How long a dial may take. */
export const DIAL_MS = 5000
/** An open socket gives a frame at least every 2 s; silent ones are dead. */
export const SILENCE_MS = 6000
/** Closed because nobody is signed in. */
export const NOT_SIGNED_IN = 4401

export const idle: State = { phase: 'idle', failures: 0 }

const dial: Effect[] = [{ type: 'dial' }, { type: 'timer', ms: DIAL_MS }]

/** The pause before try n (from 0): doubling, capped, up to 20 % shorter by chance. */
export function backOff(failures: number, random: number): number {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10))
  return Math.max(FIRST_RETRY_MS, Math.round(full * (1 - 0.2 * random)))
}

function retry(s: State, random: number): [State, Effect[]] {
  return [
    { phase: 'waiting', failures: s.failures + 1 },
    [{ type: 'drop' }, { type: 'timer', ms: backOff(s.failures, random) }],
  ]
}

export function step(s: State, input: Input): [State, Effect[]] {
  if (input.type === 'stop') return [idle, [{ type: 'timer-off' }, { type: 'drop' }]]
  switch (s.phase) {
    case 'idle':
      if (input.type === 'start') return [{ phase: 'connecting', failures: 0 }, dial]
      return [s, []]

    case 'connecting':
    case 'open':
      switch (input.type) {
        case 'opened':
          return [{ ...s, phase: 'open' }, [{ type: 'timer', ms: SILENCE_MS }]]
        case 'frame':
          // Only a frame proves the server well: a proxy opens sockets too.
          return [{ phase: 'open', failures: 0 }, [{ type: 'timer', ms: SILENCE_MS }]]
        case 'closed':
          if (input.code === NOT_SIGNED_IN) return [{ phase: 'refused', failures: 0 }, [{ type: 'timer-off' }, { type: 'drop' }]]
          return retry(s, input.random)
        case 'timer': // the dial hangs, or the line went silent
          return retry(s, 0)
        default:
          return [s, []]
      }

    case 'waiting':
      if (input.type === 'timer' || input.type === 'wake') return [{ ...s, phase: 'connecting' }, dial]
      return [s, []]

    case 'refused':
      if (input.type === 'start' || input.type === 'wake') return [{ phase: 'connecting', failures: 0 }, dial]
      return [s, []]
  }
}
