import { describe, expect, it } from 'vitest'
import { instant, parseFrame } from './wire'

const at = '2026-11-22T08:00:00.123Z'
const frame = (more: object) => parseFrame(JSON.stringify({ type: 'wallboard', at, ...more }))

describe('parseFrame', () => {
  it('refuses what is no frame', () => {
    for (const text of ['', '{', 'null', '[]', '{"type":"other"}', '{"type":"wallboard"}', '{"type":"wallboard","at":"soon"}']) {
      expect(parseFrame(text)).toBeNull()
    }
  })
  it('fills in what an older server does not send', () => {
    const f = frame({ queues: [{ id: 'support' }], agents: [{ id: '1001', state: 'dancing' }] })
    expect(f?.queues[0]).toMatchObject({ name: 'support', nameEn: 'support', waiting: 0, waitingSince: null, ringsAgents: { value: null }, thresholds: { waitingWarn: null } })
    expect(f?.agents[0]).toMatchObject({ name: '1001', state: 'logged_out', ring: null, pending: null })
    expect(f?.switch).toBe(true)
  })
  it('reads instants, rings and thresholds', () => {
    const f = frame({
      switch: false,
      queues: [{ id: 'q', name: '技术支持', name_en: 'Support', waiting_since: at, thresholds: { waiting_warn: 1, waiting_alarm: 0 } }],
      agents: [{ id: 'a', state: 'reserved', ring: { since: at, on_ms: 1000, cycle_ms: 5000, limit: 3 } }, { id: 'b', ring: { since: at } }],
    })
    expect(f?.switch).toBe(false)
    expect(f?.queues[0]?.waitingSince).toBe(Date.parse(at))
    expect(f?.queues[0]?.thresholds).toMatchObject({ waitingWarn: 1, waitingAlarm: null })
    expect(f?.agents[0]?.ring).toEqual({ since: Date.parse(at), onMs: 1000, cycleMs: 5000, limit: 3 })
    expect(f?.agents[1]?.ring).toBeNull()
  })
  it('has no instant for the zero time', () => {
    expect(instant('0001-01-01T00:00:00Z')).toBeNull()
    expect(instant(null)).toBeNull()
  })
})
