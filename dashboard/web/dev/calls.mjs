// Yesterday's kind of calls for the page of calls, in the API's JSON.

const iso = (ms) => new Date(ms).toISOString()

export function callRows(day) {
  const rows = []
  const now = day.since
  for (let i = 0; i < 130 && day.queues.length > 0; i++) {
    const at = now - i * 97_000 - day.chance(40_000)
    const state = ['waiting', 'talking'][i] ?? 'ended' // the newest two are in progress
    const outcome = state !== 'ended' ? '' : i % 9 === 4 ? 'abandoned' : i % 23 === 7 ? 'overflowed' : 'answered'
    const wait = state === 'waiting' ? 0 : [2300, 3100, 4800, 7600, 9900, 14_200, 18_300, 26_500][day.chance(7)]
    const talk = outcome === 'answered' ? 25_000 + day.chance(300) * 1000 : 0
    const agent = (outcome === 'answered' || state === 'talking') && day.agents.length ? day.agents[day.chance(day.agents.length - 1)].id : ''
    rows.push({
      id: `c-${String(100_000 - i)}`, order: 1000 - i, day: day.frame().day, queue: day.queues[day.chance(day.queues.length - 1)].id,
      number: '4000', caller: day.caller(), state,
      arrived_at: iso(at), line_answered_at: state === 'waiting' ? null : iso(at + wait), accepted_at: agent ? iso(at + wait) : null,
      connected_at: agent ? iso(at + wait + 60) : null, ended_at: outcome ? iso(at + wait + talk) : null,
      offers: wait > 15_000 ? 2 : 1, agent, outcome, release: agent && outcome ? ['caller', 'caller', 'caller', 'agent'][day.chance(3)] : '',
      short: false, wait_ms: wait, talk_ms: talk,
      rings: { for_ms: wait, heard: wait ? Math.floor(wait / 5000) + 1 : 0, within: wait < 15_000, strict: wait <= 11_000 },
    })
  }
  return rows
}

export function callDetail(call) {
  const t = Date.parse(call.arrived_at)
  const offer = { id: `${call.id}.1`, call: call.id, agent: call.agent || '1002', queue: call.queue, state: call.agent ? 'accepted' : 'withdrawn', made_at: iso(t + 12), alerting_at: iso(t + 90), closed_at: iso(t + call.wait_ms), reason: call.agent ? '' : 'caller_left', rings: call.rings }
  const events = [
    [0, 'CallQueued', { queue: call.queue, caller: call.caller }],
    [12, 'OfferMade', { agent: offer.agent, why: { strategy: 'longest_idle', candidates: [{ agent: offer.agent, idle_for: 41e9 }], of: 4 } }],
    [90, 'OfferAlerting', {}],
    ...(call.agent
      ? [[call.wait_ms, 'OfferAccepted', { agent: call.agent }], [call.wait_ms + 2, 'LineAnswered', { by: 'agent' }], [call.wait_ms + 60, 'CallConnected', { agent: call.agent }], [call.wait_ms + call.talk_ms, 'CallCompleted', { release: call.release }]]
      : [[call.wait_ms, 'OfferWithdrawn', { agent: offer.agent, reason: 'caller_left' }], [call.wait_ms, 'CallAbandoned', {}]]),
  ]
  return {
    call, offers: [offer],
    parts: partsOf(call, t + call.wait_ms + 60),
    events: events.map(([ms, type, data], i) => ({ seq: 4000 + i, at: iso(t + ms), type, data })),
    recording: call.talk_ms > 0 ? { state: 'kept', duration_ms: call.talk_ms, bytes: call.talk_ms * 32 } : null,
  }
}

/** One part, or two where a colleague took the call over. */
function partsOf(call, from) {
  if (!call.talk_ms) return []
  const cut = call.transfers ? Math.round(call.talk_ms * 0.4) : call.talk_ms
  const part = (n, agent, kind, a, b, hold, end) => ({ n, agent, queue: call.queue, kind, from: iso(from + a), to: iso(from + b), talk_ms: b - a - hold, hold_ms: hold, end })
  const all = [part(1, call.agent, '', 0, cut, call.hold_ms ?? 0, call.transfers ? 'consulted' : 'completed')]
  if (call.transfers) all.push(part(2, '1002', 'consult', cut - 8000, call.talk_ms, 0, 'completed'))
  return all
}
