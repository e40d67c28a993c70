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
  it('reads alerts and the emergency, and their absence', () => {
    expect(frame({})).toMatchObject({ alerts: [], emergency: null })
    expect(frame({ emergency: null })?.emergency).toBeNull()
    const f = frame({
      alerts: [{ id: '7', kind: 'new_kind', agent: '1001', since: at }],
      emergency: { plan: 'flood', name: '停水', level: 2, drill: true, since: at, until: null, alert: ['值班长'], toll: { offered: 3, abandoned: 1 } },
    })
    expect(f?.alerts[0]).toMatchObject({ kind: 'new_kind', agentNames: { name: '1001', nameEn: '1001' }, since: Date.parse(at) })
    expect(f?.emergency).toMatchObject({ nameEn: '停水', level: 2, drill: true, until: null, alert: ['值班长'], offered: 3, abandoned: 1 })
  })
  it('has no instant for the zero time', () => {
    expect(instant('0001-01-01T00:00:00Z')).toBeNull()
    expect(instant(null)).toBeNull()
  })
})
