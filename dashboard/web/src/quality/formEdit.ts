// What can be done to a form in the editor. Forms are never changed in place:
// undo is the form as it was.
import type { Form, Item, Section } from './data'

/** The place of an item, or of a section with item -1. */
export interface Place {
  section: number
  item: number
}

/** The draft that an edit begins with: the newest version, one number on when that is published. */
export function nextOf(f: Form): Form {
  const { author: _a, reason: _r, saved_at: _s, published_at: published, ...form } = f
  return { ...form, version: published ? f.version + 1 : f.version }
}

const ids = (f: Form) => new Set(f.sections.flatMap((s) => [s.id, ...s.items.map((i) => i.id)]))

/** An id that the form does not have yet. */
export function freshId(f: Form, stem: string): string {
  const taken = ids(f)
  for (let n = 1; ; n++) if (!taken.has(`${stem}${n}`)) return `${stem}${n}`
}

export const newItem = (f: Form): Item => ({ id: freshId(f, 'item'), name: { zh: '', en: '' }, help: { zh: '', en: '' }, rule: '', kind: 'yes_no', weight: 5, na: false, fatal: '' })

export const newSection = (f: Form): Section => ({ id: freshId(f, 'section'), name: { zh: '', en: '' }, weight: 10, items: [newItem(f)] })

export const withSection = (f: Form, at: number, change: Partial<Section>): Form => ({ ...f, sections: f.sections.map((s, i) => (i === at ? { ...s, ...change } : s)) })

export const withItem = (f: Form, at: Place, change: Partial<Item>): Form =>
  withSection(f, at.section, { items: (f.sections[at.section]?.items ?? []).map((x, i) => (i === at.item ? fitting({ ...x, ...change }) : x)) })

/** An item has what its kind needs, and nothing else. */
export function fitting(it: Item): Item {
  const { max, choices, fatal_at, ...rest } = it
  return {
    ...rest,
    ...(it.kind === 'scale' ? { max: max ?? 3 } : {}),
    ...(it.kind === 'choice' ? { choices: choices ?? [{ id: 'good', name: { zh: '好', en: 'Good' }, points: 1 }, { id: 'bad', name: { zh: '差', en: 'Bad' }, points: 0 }] } : {}),
    ...(it.fatal && fatal_at ? { fatal_at } : {}),
  }
}

/** Moves within its list; at the end nothing happens. */
export function moved(f: Form, at: Place, by: 1 | -1): Form {
  const swap = <T>(list: T[], i: number): T[] => {
    const k = i + by
    if (k < 0 || k >= list.length) return list
    const next = [...list]
    ;[next[i], next[k]] = [next[k] as T, next[i] as T]
    return next
  }
  return at.item < 0 ? { ...f, sections: swap(f.sections, at.section) } : withSection(f, at.section, { items: swap(f.sections[at.section]?.items ?? [], at.item) })
}

export function removed(f: Form, at: Place): Form {
  if (at.item < 0) return { ...f, sections: f.sections.filter((_, i) => i !== at.section) }
  return withSection(f, at.section, { items: (f.sections[at.section]?.items ?? []).filter((_, i) => i !== at.item) })
}
