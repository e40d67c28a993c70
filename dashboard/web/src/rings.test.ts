import { describe, expect, it } from 'vitest'
import { mostUrgent, ringLevel, ringNow, ringNumber, RingWatch } from './rings'

const china = { since: 1_000_000, onMs: 1000, cycleMs: 5000, limit: 3 }
const japan = { ...china, cycleMs: 3000 }

describe('ringNumber (R1.3)', () => {
  it.each([
    [0, 1],
    [4999, 1],
    [5000, 2],
    [9999, 2],
    [10_000, 3],
    [14_999, 3],
    [15_000, 4],
    [61_000, 13],
  ])('after %i ms of the Chinese cadence it is ring %i', (ms, n) => {
    expect(ringNumber(china, china.since + ms)).toBe(n)
  })
  it('uses the cadence of the queue', () => expect(ringNumber(japan, japan.since + 3000)).toBe(2))
  it('is ring 1 when the clocks differ a little', () => expect(ringNumber(china, china.since - 400)).toBe(1))
})

describe('ringLevel', () => {
  it('goes calm, amber, orange, over', () => {
    expect([1, 2, 3, 4, 5].map((n) => ringLevel(n, 3))).toEqual(['calm', 'amber', 'orange', 'over', 'over'])
  })
  it('makes the last ring allowed orange, whatever the limit', () => {
    expect([1, 2].map((n) => ringLevel(n, 1))).toEqual(['orange', 'over'])
    expect([1, 2, 3, 4, 5, 6].map((n) => ringLevel(n, 5))).toEqual(['calm', 'amber', 'amber', 'amber', 'orange', 'over'])
  })
  it('is over at the very start of the fourth ring, not before', () => {
    expect(ringNow(china, china.since + 14_999).level).toBe('orange')
    expect(ringNow(china, china.since + 15_000).level).toBe('over')
  })
})

describe('RingWatch', () => {
  const at = (ms: number) => china.since + ms
  const ringing = { id: 'a', ring: china, reason: '' }
  const quiet = { id: 'a', ring: null, reason: '' }

  it('tells each level once', () => {
    const w = new RingWatch()
    expect(w.look([quiet], at(-1))).toEqual([])
    expect(w.look([ringing], at(100))).toEqual([])
    expect(w.look([ringing], at(5000))).toEqual(['amber'])
    expect(w.look([ringing], at(5250))).toEqual([])
    expect(w.look([ringing], at(10_000))).toEqual(['orange'])
    expect(w.look([ringing], at(15_000))).toEqual(['over'])
    expect(w.look([ringing], at(20_000))).toEqual([])
  })
  it('is silent about what rang before the page was opened', () => {
    const w = new RingWatch()
    expect(w.look([ringing], at(7000))).toEqual([])
    expect(w.look([ringing], at(10_000))).toEqual(['orange'])
  })
  it('does not repeat a ring when the clock estimate steps back', () => {
    const w = new RingWatch()
    w.look([quiet], at(0))
    expect(w.look([ringing], at(5010))).toEqual(['amber'])
    expect(w.look([ringing], at(4990))).toEqual([])
    expect(w.look([ringing], at(5020))).toEqual([])
  })
  it('starts anew with the next call', () => {
    const w = new RingWatch()
    w.look([quiet], at(0))
    w.look([ringing], at(6000))
    const next = { ...ringing, ring: { ...china, since: at(30_000) } }
    expect(w.look([next], at(31_000))).toEqual([])
    expect(w.look([next], at(35_000))).toEqual(['amber'])
  })
  it('takes a missed offer for the fourth ring that the switch cut off', () => {
    const w = new RingWatch()
    w.look([ringing], at(14_900))
    const missed = { id: 'a', ring: null, reason: 'rona' }
    expect(w.look([missed], at(15_010))).toEqual(['over'])
    expect(w.look([missed], at(15_260))).toEqual([])
  })
  it('is silent when the phone was answered', () => {
    const w = new RingWatch()
    w.look([ringing], at(14_000))
    expect(w.look([quiet], at(14_100))).toEqual([])
  })
})

describe('mostUrgent', () => {
  it('picks one sound', () => {
    expect(mostUrgent(['amber', 'over', 'orange'])).toBe('over')
    expect(mostUrgent([])).toBeNull()
  })
})
