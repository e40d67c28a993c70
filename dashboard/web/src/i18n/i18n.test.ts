import { describe, expect, it } from 'vitest'
import { chooseLang, fill } from '.'
import { safeNext } from '../app/router'
import { high, low } from '../wallboard/levels'
import { en } from './en'
import { zh } from './zh'

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

describe('the dictionaries', () => {
  it('have the same keys, none empty', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const d of [zh, en]) for (const [key, text] of Object.entries(d)) expect(text.trim(), key).not.toBe('')
  })
  it('fill the same places', () => {
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect(places(en[key]), key).toEqual(places(zh[key]))
  })
  it('put values in', () => expect(fill(zh['live.stale'], { time: '14:03:12', age: '12 秒' })).toBe('数据停在 14:03:12，已 12 秒'))
})

describe('the language', () => {
  it('is what the address says, then what was chosen, then what the browser speaks, then Chinese', () => {
    expect(chooseLang('?lang=en', 'zh-CN', ['zh'])).toBe('en')
    expect(chooseLang('?lang=zh', 'en', [])).toBe('zh-CN')
    expect(chooseLang('', 'en', ['zh-CN'])).toBe('en')
    expect(chooseLang('', null, ['fr', 'en-GB'])).toBe('en')
    expect(chooseLang('?lang=fr', null, ['fr'])).toBe('zh-CN')
  })
})

describe('levels', () => {
  it('warn from the limit on, when high is bad', () => {
    expect([0, 1, 4, 5].map((n) => high(n, 1, 5))).toEqual(['ok', 'warn', 'warn', 'alarm'])
    expect(high(99, null, null)).toBe('ok')
  })
  it('warn under the limit, when low is bad; nothing is not bad', () => {
    const share = (value: number | null) => ({ part: 0, whole: 0, value })
    expect([1, 0.95, 0.949, 0.9, 0.899, null].map((v) => low(share(v), 0.95, 0.9))).toEqual(['ok', 'ok', 'warn', 'warn', 'alarm', 'ok'])
  })
})

describe('the page after signing in', () => {
  it('is always one of ours', () => {
    expect(safeNext('?next=/calls')).toBe('/calls')
    expect(safeNext('?next=/recordings/gaps')).toBe('/recordings/gaps')
    for (const bad of ['', '?next=//evil.example', '?next=https://evil.example', '?next=javascript:alert(1)', '?next=/\\evil']) expect(safeNext(bad)).toBe('/agents')
  })
  it('is the own desk for an agent who asked for no other', () => {
    expect(safeNext('', 'agent')).toBe('/desk')
    expect(safeNext('?next=/calls', 'agent')).toBe('/calls')
    expect(safeNext('', 'supervisor')).toBe('/agents')
  })
})
