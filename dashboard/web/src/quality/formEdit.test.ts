import { expect, test } from 'vitest'
import type { Form } from './data'
import { fitting, freshId, moved, newItem, newSection, nextOf, removed, withItem } from './formEdit'

const item = (id: string) => ({ id, name: { zh: id, en: id }, help: { zh: '', en: '' }, rule: '', kind: 'yes_no' as const, weight: 1, na: false, fatal: '' as const })
const form: Form = { id: 'f', version: 2, name: { zh: 'f', en: 'f' }, limits: { appeal_days: 7, decide_days: 5, max_appeals: 5 }, sections: [{ id: 's', name: { zh: 's', en: 's' }, weight: 1, items: [item('item1'), item('b'), item('c')] }] }
const order = (f: Form) => f.sections[0]?.items.map((i) => i.id).join('')

test('an edit of a published version is the next one, of a draft the same', () => {
  expect(nextOf({ ...form, published_at: '2026-11-01T00:00:00Z', author: 'x' })).toEqual({ ...form, version: 3 })
  expect(nextOf({ ...form, published_at: null }).version).toBe(2)
})

test('ids are new, and forms are not changed in place', () => {
  expect(freshId(form, 'item')).toBe('item2')
  expect(newSection(form).items[0]?.id).toBe('item2')
  const before = JSON.stringify(form)
  withItem(form, { section: 0, item: 0 }, { weight: 9 })
  moved(form, { section: 0, item: 0 }, 1)
  removed(form, { section: 0, item: 0 })
  expect(JSON.stringify(form)).toBe(before)
})

test('items move within their section, and stop at its ends', () => {
  expect(order(moved(form, { section: 0, item: 0 }, 1))).toBe('bitem1c')
  expect(order(moved(form, { section: 0, item: 0 }, -1))).toBe('item1bc')
  expect(order(moved(form, { section: 0, item: 2 }, 1))).toBe('item1bc')
  expect(order(removed(form, { section: 0, item: 1 }))).toBe('item1c')
  expect(removed(form, { section: 0, item: -1 }).sections).toEqual([])
})

test('an item has what its kind needs', () => {
  expect(fitting({ ...newItem(form), kind: 'scale' })).toHaveProperty('max', 3)
  expect(fitting({ ...newItem(form), kind: 'choice' }).choices).toHaveLength(2)
  expect(fitting({ ...newItem(form), max: 3 })).not.toHaveProperty('max')
})
