import { describe, expect, it } from 'vitest'
import { gapText, shares, type Gap, type Speech } from './proofData'

const speech = (over: Partial<Speech>): Speech => ({
  agent: '', length_ms: 60_000, agent_talk_ms: 30_000, caller_talk_ms: 20_000, crosstalk_ms: 2000, dead_air_ms: 12_000,
  longest_dead_air_ms: 3000, longest_monologue_ms: 9000, first_word_ms: 800, agent_dbfs: -20, caller_dbfs: -24, interruptions: 0, ...over,
})

describe('shares of speech', () => {
  it('make a hundred', () => {
    expect(shares(speech({}))).toEqual({ agent: 47, caller: 30, both: 3, dead: 20 })
    for (const n of [1, 7, 59_999]) {
      const s = shares(speech({ length_ms: 3 * n, agent_talk_ms: n, caller_talk_ms: n, crosstalk_ms: 0, dead_air_ms: n }))
      expect(s.agent + s.caller + s.both + s.dead).toBe(100)
    }
  })
  it('are none of nothing', () => expect(shares(speech({ length_ms: 0 }))).toEqual({ agent: 0, caller: 0, both: 0, dead: 0 }))
})

describe('a gap in words', () => {
  const say = (word: string, values?: Record<string, string | number>) => [word, ...Object.values(values ?? {})].join(' ')
  const gap = (reason: string): Gap => ({ call: 'c1', n: 1, found_at: '', channel: 'left', at_ms: 65_000, length_ms: 1500, reason, detail: 'in other words' })
  it('says where and how long', () => expect(gapText(say, gap('silence'))).toBe('said.silence 1:05 seconds 1.5'))
  it('of an unknown reason is the server’s', () => expect(gapText(say, gap('new'))).toBe('in other words'))
})
