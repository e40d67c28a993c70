import { expect, test } from 'vitest'
import { barOf, bodyOf, daysOf, NEW_PLAN, stateOf, type Draw } from './data'

const draw = { since: '2026-10-31T16:00:00Z', until: '2026-11-30T16:00:00Z', drawn_at: null } as Draw

test('a period is named by its first and last day in the house', () => {
  expect(daysOf(draw, 'Asia/Shanghai')).toBe('2026-11-01 – 2026-11-30')
  expect(daysOf({ since: '2026-11-22T16:00:00Z', until: '2026-11-23T16:00:00Z' }, 'Asia/Shanghai')).toBe('2026-11-23')
})

test('a draw comes, runs, is due, is drawn', () => {
  expect(stateOf(draw, Date.parse('2026-10-31T15:59:59Z'))).toBe('coming')
  expect(stateOf(draw, Date.parse('2026-10-31T16:00:00Z'))).toBe('running')
  expect(stateOf(draw, Date.parse('2026-11-30T16:00:00Z'))).toBe('due')
  expect(stateOf({ ...draw, drawn_at: '2026-11-30T17:00:00Z' }, 0)).toBe('drawn')
})

test('a bar has as many as there are tasks', () => {
  expect(barOf({ who: 'a', chance: 5, target: 2, done: 3, overdue: 1, dropped: 4, asked: 5, population: 90 })).toEqual({ done: 3, overdue: 1, open: 3, all: 7 })
})

test('only a plan for once has days, and nothing of the server goes back to it', () => {
  const read = { ...NEW_PLAN, since: '2026-11-01', until: '2026-11-02', id: 'p', version: 3, draws: [] }
  expect(bodyOf(read)).not.toHaveProperty('since')
  expect(bodyOf({ ...read, per: 'once' })).toHaveProperty('until', '2026-11-02')
  expect(bodyOf(read)).not.toHaveProperty('version')
})
