import { describe, expect, it } from 'vitest'
import { silenceText, fill } from './i18n'
import { en } from './i18n/en'
import { zh } from './i18n/zh'
import { silenceOf, STALE_MS } from './live'
import { parseFrame } from './wire'

const at = Date.parse('2026-11-23T06:03:37Z')
const frame = (silent: string | null) => parseFrame(JSON.stringify({ type: 'wallboard', at: new Date(at).toISOString(), silent_since: silent }))!

describe('silence', () => {
  it('is none while frames come and are of the present', () => expect(silenceOf(frame(null), STALE_MS)).toBeNull())
  it('of the page is counted from the last frame', () => expect(silenceOf(frame(null), 4000)).toEqual({ since: at, ms: 4000, of: 'page' }))
  it('of the node is counted from its last news, and goes on between frames', () => {
    expect(silenceOf(frame('2026-11-23T06:03:12Z'), 500)).toEqual({ since: at - 25_000, ms: 25_500, of: 'node' })
  })
  it('of both is the longer, and the page is what is to be mended first', () => {
    expect(silenceOf(frame('2026-11-23T06:03:12Z'), 4000)).toEqual({ since: at - 25_000, ms: 29_000, of: 'page' })
  })
  it('is told with the time of the house, and ticks', () => {
    const say = (words: Record<string, string>) => (key: string, values?: Record<string, string | number>) => fill(words[key] ?? key, values)
    expect(silenceText(say(zh), { since: at - 25_000, ms: 25_900, of: 'node' }, 'Asia/Shanghai')).toBe('数据停在 14:03:12，已 25 秒')
    expect(silenceText(say(en), { since: at - 25_000, ms: 25_900, of: 'page' }, 'Asia/Shanghai')).toBe('No news since 14:03:12, 25 s')
    expect(silenceText(say(en), { since: at, ms: 300_000, of: 'page' }, 'UTC')).toBe('No news since 06:03:37, 5 min')
  })
})
