import { describe, expect, it } from 'vitest'
import { en } from '../i18n/en'
import { zh } from '../i18n/zh'
import { customer, DEEDS, deedsOf, meanTalk, parseDesk, PLACES, shownAt, TAPE, targetOf, toRegister, type Desk } from './deskData'
import { spread } from './parts'
import { readDay } from './queueFigures'
import { signOf } from './useDesk'

const AT = '2026-07-01T01:00:00.000Z'
const agent = { id: '1001', name: '王芳', state: 'on_call', since: AT, queues: ['support'], last_call: 'c-1', today: { answered: 4, talk_ms: 120_000 } }
const call = { id: 'c-2', queue: 'support', caller: '13800000001', number: '4000', direction: 'in', state: 'talking' }
const talk = { kind: '', since: AT, held_since: null, held_by_phone: false, muted: false, consult: null, ring: null, survey: false }
const desk = (t: object = {}, c: object = {}, a: object = {}): Desk => parseDesk({ agent: { ...agent, ...a }, call: { ...call, ...c }, talk: { ...talk, ...t } })!
const can = (...args: Parameters<typeof desk>) => [...deedsOf(desk(...args))].sort()

describe('a desk', () => {
  it('is read with what is missing', () => {
    expect(parseDesk(null)).toBeNull()
    expect(parseDesk({ agent: { state: 'ready' } })).toBeNull()
    const d = parseDesk({ agent: { id: '1001', state: 'no such' } })!
    expect([d.agent.name, d.agent.state, d.call, d.talk, d.cases]).toEqual(['1001', 'logged_out', null, null, []])
  })
  it('names the customer: whom the agent called, or who called', () => {
    expect(customer(desk().call!)).toBe('13800000001')
    expect(customer(desk({}, { direction: 'out', number: '13955550002' }).call!)).toBe('13955550002')
  })
  it('registers the call that goes on, else the last; never a colleague\'s', () => {
    expect(toRegister(desk())).toBe('c-2')
    expect(toRegister(desk({}, {}, { state: 'wrap_up' }))).toBe('c-1')
    expect(toRegister(desk({ kind: 'consult' }))).toBe('c-1')
    expect(toRegister(desk({}, { state: 'connecting' }))).toBe('c-1')
  })
  it('has a mean only of something', () => {
    expect(meanTalk(desk({}, {}, { state: 'ready' }))).toBe(30_000)
    expect(meanTalk(desk())).toBe(40_000) // of the four, one goes on
    expect(meanTalk(desk({ kind: 'placed' }))).toBe(30_000)
    expect(meanTalk(desk({}, {}, { today: { answered: 1, talk_ms: 0 } }))).toBeNull()
  })
})

describe('what can be done', () => {
  const dialing = { agent: '1002', state: 'dialing', began_at: AT }
  it('is what the server would do', () => {
    expect(can()).toEqual(['consult', 'hang_up', 'hold', 'mute', 'mute_recording', 'transfer'])
    expect(can({ survey: true, muted: true })).toEqual(['consult', 'hang_up', 'hold', 'mute_recording', 'survey', 'transfer', 'unmute'])
    expect(can({ held_since: AT })).toEqual(['consult', 'hang_up', 'mute', 'mute_recording', 'retrieve', 'transfer'])
    expect(can({ held_since: AT, held_by_phone: true })).toEqual(['hang_up', 'mute', 'mute_recording', 'transfer'])
    expect(can({ held_since: AT, consult: dialing })).toEqual(['cancel', 'complete', 'hang_up', 'mute', 'mute_recording'])
    expect(can({ held_since: AT, consult: { ...dialing, state: 'private' } })).toEqual(['cancel', 'complete', 'conference', 'hang_up', 'mute', 'mute_recording', 'toggle'])
    expect(can({ consult: { ...dialing, state: 'all' } })).toEqual(['cancel', 'complete', 'hang_up', 'mute', 'mute_recording', 'toggle'])
  })
  it('is to mute the recording while there is one, and to let it go on', () => {
    const muted = { state: 'muted', since: AT, until: AT, failed: true }
    expect(can({ tape: muted })).toContain('unmute_recording')
    expect(can({ tape: muted })).not.toContain('mute_recording')
    expect(can({ tape: { state: 'none' } }).filter((d) => d.endsWith('recording'))).toEqual([])
    expect(desk({ tape: muted }).talk!.tape).toEqual({ state: 'muted', since: Date.parse(AT), until: Date.parse(AT), failed: true })
  })
  it('is to hang up in a colleague\'s call or before the two are connected, and nothing without a call', () => {
    expect(can({ kind: 'consult' })).toEqual(['hang_up'])
    expect(can({}, { state: 'reaching' })).toEqual(['hang_up'])
    expect(can({}, {}, { state: 'reserved' })).toEqual([])
    expect([...deedsOf(parseDesk({ agent })!)]).toEqual([])
  })
  it('has a place and a key of its own for each deed', () => {
    expect([...PLACES, TAPE].flatMap((p) => p.deeds).sort()).toEqual([...DEEDS].sort())
    const keys = [...PLACES, TAPE].map((p) => p.key).concat('r', 'n', 'w', 'p', 'e', 'g')
    expect(new Set(keys).size).toBe(keys.length)
    const place = PLACES[0]!
    expect([shownAt(place, new Set(['retrieve'])), shownAt(place, new Set())]).toEqual(['retrieve', 'hold'])
  })
})

it('a target is who was chosen, or the number as it was typed', () => {
  const choices = [{ value: '李伟 1002', label: '', to: { agent: '1002' } }]
  expect(targetOf('李伟 1002', choices)).toEqual({ agent: '1002' })
  expect(targetOf('+86 (10) 5555-0002', choices)).toEqual({ number: '+861055550002' })
})

it('what the wallboard tells of an agent is a sign to look only when it changed', () => {
  const a = { state: 'ready', since: 1, reason: '', pending: null, phone: 'idle', ring: null, talk: null, today: {} } as never
  expect(signOf(a)).toBe(signOf({ ...(a as object) } as never))
  expect(signOf(a)).not.toBe(signOf({ ...(a as object), phone: 'offline' } as never))
  expect(signOf(undefined)).toBe('')
})

describe('the parts of a call', () => {
  it('stand one after the other, and below each other when two talk at once', () => {
    expect(spread([{ from: 0, to: 40 }, { from: 40, to: 100 }])).toEqual([{ left: 0, width: 0.4, row: 0 }, { left: 0.4, width: 0.6, row: 0 }])
    expect(spread([{ from: 0, to: 60 }, { from: 40, to: 100 }]).map((s) => s.row)).toEqual([0, 1])
  })
  it('stay within the bar and are seen, however short', () => {
    const [a, b] = spread([{ from: 0, to: 0 }, { from: 1000, to: 1000 }])
    expect(a!.width).toBeGreaterThan(0)
    expect(b!.left + b!.width).toBeLessThanOrEqual(1)
    expect(spread([{ from: 5, to: 5 }])[0]!.left).toBeGreaterThanOrEqual(0)
  })
})

it('the day\'s figures have no mean of nothing, and no share over the whole', () => {
  const [q] = readDay({ queues: [{ id: 'support', today: { completed: 3, called_back: 1, registered: 5, survey_answered: 2, survey_sum: 9, estimates: 0 } }] })
  expect(q).toMatchObject({ name: 'support', registered: { part: 5, whole: 5 }, survey: { n: 2, mean: 4.5 }, toldOffMs: null })
  expect(readDay({ queues: [{ id: 'x', today: { estimates: 4, estimate_error_ms: 60_000 } }] })[0]).toMatchObject({ survey: { mean: null }, toldOffMs: 15_000 })
  expect(readDay(null)).toEqual([])
})

it('what the server can refuse at a desk has words in both languages', () => {
  for (const code of ['not_now', 'no_call', 'not_yours', 'unknown_target', 'not_available', 'bad_number', 'no_switch', 'phone_busy', 'not_registered', 'no_wrap_up', 'not_wrap_up', 'wrap_up_max', 'unknown_category', 'unknown_case', 'long_note', 'no_answer', 'forbidden'])
    for (const d of [zh, en] as Record<string, string>[]) expect(d[`problem.${code}`], code).toBeTruthy()
})
