import { describe, expect, it } from 'vitest'
import { backOff, DIAL_MS, idle, NOT_SIGNED_IN, SILENCE_MS, step, type Effect, type Input, type State } from './socket'

function run(inputs: Input[], from: State = idle): { state: State; effects: Effect[] } {
  let state = from
  let effects: Effect[] = []
  for (const i of inputs) [state, effects] = step(state, i)
  return { state, effects }
}
const start: Input = { type: 'start' }
const opened: Input = { type: 'opened' }
const frame: Input = { type: 'frame' }
const timer: Input = { type: 'timer' }
const wake: Input = { type: 'wake' }
const closed = (code = 1006): Input => ({ type: 'closed', code, random: 0 })

describe('the socket', () => {
  it('dials at the start, with a limit', () => {
    expect(run([start])).toEqual({ state: { phase: 'connecting', failures: 0 }, effects: [{ type: 'dial' }, { type: 'timer', ms: DIAL_MS }] })
  })
  it('gives up on a dial that hangs', () => {
    const { state, effects } = run([start, timer])
    expect(state).toEqual({ phase: 'waiting', failures: 1 })
    expect(effects).toEqual([{ type: 'drop' }, { type: 'timer', ms: 500 }])
  })
  it('gives up on an open line that went silent', () => {
    expect(run([start, opened]).effects).toEqual([{ type: 'timer', ms: SILENCE_MS }])
    expect(run([start, opened, frame, timer]).state).toEqual({ phase: 'waiting', failures: 1 })
  })
  it('backs off from 0.5 s to 5 s', () => {
    let state = run([start]).state
    const pauses: number[] = []
    for (let i = 0; i < 7; i++) {
      const [next, effects] = step(state, closed())
      const t = effects.find((e) => e.type === 'timer')
      if (t?.type === 'timer') pauses.push(t.ms)
      state = run([timer], next).state
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000])
  })
  it('spreads the clients by chance, within the bounds', () => {
    expect(backOff(4, 1)).toBe(4000)
    expect(backOff(0, 1)).toBe(500)
    expect(backOff(1000, 0)).toBe(5000)
  })
  it('forgets failures with a frame, not with an open socket', () => {
    const failed = run([start, closed(), timer, closed(), timer]).state
    expect(failed.failures).toBe(2)
    expect(run([opened], failed).state.failures).toBe(2)
    expect(run([opened, frame], failed).state.failures).toBe(0)
  })
  it('tries at once when the network is back or the page is seen', () => {
    const { state, effects } = run([start, closed(), wake])
    expect(state.phase).toBe('connecting')
    expect(effects[0]).toEqual({ type: 'dial' })
  })
  it('does not disturb a good connection on waking', () => {
    expect(run([start, opened, frame, wake])).toEqual({ state: { phase: 'open', failures: 0 }, effects: [] })
  })
  it('stops trying when nobody is signed in, until the page is seen again', () => {
    const { state, effects } = run([start, opened, closed(NOT_SIGNED_IN)])
    expect(state.phase).toBe('refused')
    expect(effects).toEqual([{ type: 'timer-off' }, { type: 'drop' }])
    expect(run([timer], state).state.phase).toBe('refused')
    expect(run([wake], state).state.phase).toBe('connecting')
  })
  it('stops whatever it was doing, and can start again', () => {
    for (const before of [[start], [start, opened], [start, closed()], [start, closed(NOT_SIGNED_IN)]]) {
      const { state, effects } = run([...before, { type: 'stop' }])
      expect(state).toEqual(idle)
      expect(effects).toEqual([{ type: 'timer-off' }, { type: 'drop' }])
      expect(run([start], state).state.phase).toBe('connecting')
    }
  })
  it('ignores late events of a socket it has dropped', () => {
    const waiting = run([start, closed()]).state
    for (const late of [opened, frame, closed()]) expect(step(waiting, late)).toEqual([waiting, []])
  })
})
