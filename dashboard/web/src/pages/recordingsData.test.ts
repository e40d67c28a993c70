import { expect, test } from 'vitest'
import { dayAfter, queryOf, readSearch, writeSearch } from './recordingsData'

test('an address keeps what is looked for, and nothing else', () => {
  const s = readSearch('?lang=zh&agent=1001&text=%E9%80%80%E6%AC%BE&state=gaps&evil=1&queue=%20')
  expect(s).toEqual({ agent: '1001', text: '退款', state: 'gaps' })
  expect(readSearch(writeSearch(s))).toEqual(s)
  expect(writeSearch({})).toBe('')
})

test('the last day is meant whole', () => {
  expect(dayAfter('2026-12-31')).toBe('2027-01-01')
  expect(dayAfter('soon')).toBe('soon')
  expect(queryOf({ since: '2026-11-01', until: '2026-11-30' }, 'c')).toBe('since=2026-11-01&until=2026-12-01&limit=50&cursor=c')
})
