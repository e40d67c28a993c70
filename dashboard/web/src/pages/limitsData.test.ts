import { describe, expect, it } from 'vitest'
import { again, bare, canBan, nearness, parseBans, parseLimits, type Ban } from './limitsData'

const ban: Ban = { number: '13800000001', since: 0, until: 60_000, refused: 0, turned: 2, by: 'li', note: 'x' }

describe('limits and bans', () => {
  it('reads what is in force, each trunk for itself, and refusals once', () => {
    const l = parseLimits({
      limits: { per_second: 100, per_trunk: 30, per_caller: 0, caller_per_minute: 0, waiting: 1000, ban: { after: 30, within_ms: 60_000, for_ms: 600_000 } },
      now: { per_second: 3, per_caller: 2, caller: '13800000001', waiting: 12, trunks: [{ trunk: 'cmcc', calls: 60, limit: 60 }, { trunk: 'trunk', calls: 4, limit: 30 }] },
      turned_away: { trunk_full: 7, unknown_number: 1, banned: 2 },
      turned_last: [{ at: '2026-11-23T06:00:00Z', number: '4000', caller: '139', reason: 'trunk_full' }],
    })
    expect(l.uses.map((u) => [u.key, u.of, u.now, u.most, u.turned])).toEqual([
      ['second', '', 3, 100, 0],
      ['waiting', '', 12, 1000, 0],
      ['trunk', 'cmcc', 60, 60, 7],
      ['trunk', 'trunk', 4, 30, null],
      ['caller', '13800000001', 2, 0, 0],
      ['minute', '', null, 0, null],
    ])
    expect(l).toMatchObject({ unknown: 1, banned: 2, rule: { after: 30, withinMs: 60_000, forMs: 600_000 } })
    expect(l.last[0]?.reason).toBe('trunk_full')
    expect(l.uses.map(nearness)).toEqual(['calm', 'calm', 'full', 'calm', 'calm', 'calm'])
  })
  it('falls over nothing that is missing', () => {
    expect(parseLimits(null).uses).toHaveLength(5)
    expect(parseBans({ bans: [{ number: '138' }] })[0]).toMatchObject({ until: null, turned: 0, note: '' })
  })
  it('takes numbers as people write them, and no others', () => {
    expect(bare(' +86 138-0000 (0001)')).toBe('+8613800000001')
    expect([canBan('+8613800000001'), canBan('10'), canBan('1'), canBan('anonymous'), canBan('')]).toEqual([true, true, false, false, false])
  })
  it('puts a ban back for the time that was left', () => {
    expect(again(ban, 20_000)).toEqual({ number: '13800000001', note: 'x', for_ms: 40_000 })
    expect(again({ ...ban, until: null }, 20_000)).toEqual({ number: '13800000001', note: 'x' })
    expect(again(ban, 59_500)).toBeNull()
  })
})
