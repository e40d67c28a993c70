import { describe, expect, it } from 'vitest'
import { answersOf, fails, fraction, moment, soFar, type Form, type Item } from './data'

const n = { zh: '名', en: 'name' }
const base = { name: n, help: n, rule: '', na: true, fatal: '' } as const
const items: Item[] = [
  { ...base, id: 'a', kind: 'scale', max: 3, weight: 2 },
  { ...base, id: 'b', kind: 'yes_no', weight: 1, fatal: 'section' },
  { ...base, id: 'c', kind: 'choice', weight: 5, choices: [{ id: 'good', name: n, points: 4 }, { id: 'bad', name: n, points: 0 }] },
  { ...base, id: 'd', kind: 'scale', max: 10, weight: 5, fatal: 'item', fatal_at: 3 },
  { ...base, id: 'e', kind: 'yes_no', weight: 0, fatal: 'all', na: false },
]
const form: Form = {
  id: 'f',
  version: 1,
  name: n,
  limits: { appeal_days: 7, decide_days: 5, max_appeals: 5 },
  sections: [
    { id: 's1', name: n, weight: 30, items: items.slice(0, 2) },
    { id: 's2', name: n, weight: 70, items: items.slice(2) },
  ],
}

describe('what answers are worth so far', () => {
  it.each([
    ['nothing', {}, null],
    ['all best', { a: '3', b: 'yes', c: 'good', d: '10', e: 'yes' }, 100],
    ['thirds', { a: '1', b: 'yes', c: 'good', d: '10', e: 'yes' }, 260 / 3],
    ['not applicable', { a: 'na', b: 'na', c: 'good', d: '5', e: 'yes' }, 75],
    ['a section lost', { a: '3', b: 'no', c: 'good', d: '10', e: 'yes' }, 70],
    ['an item lost', { a: '3', b: 'yes', c: 'good', d: '3', e: 'yes' }, 65],
    ['all lost', { a: '3', b: 'yes', c: 'good', d: '10', e: 'no' }, 0],
  ] as const)('%s', (_, answers, want) => {
    const got = soFar(form, answers).score
    if (want === null) expect(got).toBeNull()
    else expect(got).toBeCloseTo(want, 9)
  })
  it('says what is missing', () => expect(soFar(form, { a: '3', e: 'yes' }).missing).toEqual(['b', 'c', 'd']))
})

it('offers the answers of an item in order', () => {
  expect(items.map((i) => answersOf(i).join(' '))).toEqual(['0 1 2 3 na', 'yes no na', 'good bad na', '0 1 2 3 4 5 6 7 8 9 10 na', 'yes no'])
  expect([fails(items[3]!, '3'), fails(items[3]!, '4'), fails(items[0]!, '0'), fails(items[1]!, 'na')]).toEqual([true, false, false, false])
})

it('reads fractions and moments', () => {
  expect([fraction('260/3'), fraction('100'), fraction(''), fraction('x/0')]).toEqual([260 / 3, 100, null, null])
  expect([moment(12_500), moment(65_000), moment(-1)]).toEqual(['0:12', '1:05', '0:00'])
})
