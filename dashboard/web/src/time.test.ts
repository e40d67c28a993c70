import { describe, expect, it } from 'vitest'
import { clock, date, duration, Offset, percent } from './time'

describe('duration', () => {
  it.each([
    [0, '0:00'],
    [999, '0:00'],
    [1000, '0:01'],
    [59_999, '0:59'],
    [60_000, '1:00'],
    [3_599_999, '59:59'],
    [3_600_000, '1:00:00'],
    [36_061_000, '10:01:01'],
    [-500, '0:00'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text))
})

describe('percent', () => {
  it.each([
    [1, '100'],
    [0.9999, '99'],
    [0.947, '94'],
    [0.95, '95'],
    [0.29, '29'],
    [0, '0'],
  ])('%f is %s %%', (v, text) => expect(percent(v)).toBe(text))
})

describe('Offset', () => {
  it('takes the estimate that was delayed least', () => {
    const o = new Offset()
    o.add(10_000, 5000 + 80) // the frame was 80 ms on its way
    o.add(11_000, 6000 + 5)
    o.add(12_000, 7000 + 300)
    expect(o.ms).toBe(4995)
  })
  it('follows clocks that drift, and forgets', () => {
    const o = new Offset(2)
    for (const drift of [500, 100, 90]) o.add(1000 + drift, 1000)
    expect(o.ms).toBe(100)
    o.reset()
    expect(o.ms).toBe(0)
  })
})

describe('clock', () => {
  const at = Date.parse('2026-11-22T16:05:09Z')
  it('is of the centre, not of the viewer', () => expect(clock(at, 'Asia/Shanghai')).toBe('00:05:09'))
  it('has the date of the centre in the language of the reader', () => {
    expect(date(at, 'Asia/Shanghai', 'zh-CN')).toContain('23')
    expect(date(at, 'Asia/Shanghai', 'en')).toContain('November')
  })
  it('survives a zone it does not know', () => expect(clock(at, 'Mars/Olympus')).toMatch(/^\d\d:\d\d:\d\d$/))
})
