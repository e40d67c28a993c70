import { describe, expect, test } from 'vitest'
import { beyondSilence, columns, parsePeaks, silences, together } from './wave'

describe('the wave form', () => {
  test('is refused when it is none', () => {
    for (const bad of [null, 3, {}, { rate: 0, left: [], right: [] }, { rate: 50, left: 'x', right: [] }]) expect(parsePeaks(bad)).toBeNull()
    expect(parsePeaks({ rate: 50, left: [1, 300, 'x'], right: [] })).toEqual({ rate: 50, left: [1, 0, 0], right: [] })
  })

  test('has a silence where neither is heard for more than a second', () => {
    const loud = (n: number) => Array.from({ length: n }, () => 100)
    const none = (n: number) => Array.from({ length: n }, () => 0)
    const p = { rate: 50, left: [...loud(50), ...none(150), ...loud(50)], right: [...none(100), ...none(40), ...loud(10), ...none(100)] }
    // The caller is silent from 1 s to 4 s; the agent speaks from 2.8 s to 3 s.
    expect(silences(p)).toEqual([{ from: 1200, to: 2600 }])
    expect(beyondSilence(silences(p), 1500)).toBe(2600)
    expect(beyondSilence(silences(p), 2650)).toBe(2650)
  })

  test('keeps the loudest of each column', () => {
    expect(columns([1, 9, 2, 3], 2)).toEqual([9, 3])
    expect(columns([], 3)).toEqual([0, 0, 0])
    expect(columns([5], 3)).toEqual([5, 0, 0])
  })
})

test('marks that would cover each other stand as one, in their order', () => {
  const at = (...ms: number[]) => ms.map((atMs) => ({ atMs, kind: String(atMs) }))
  const times = (list: number[], length: number) => together(at(...list), length).map((g) => g.map((m) => m.atMs))
  expect(times([0, 50, 5000, 900], 10000)).toEqual([[0, 50, 900], [5000]])
  expect(times([0, 1200], 10000)).toEqual([[0], [1200]])
  expect(times([], 0)).toEqual([])
})
