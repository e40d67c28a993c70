// What was found in recordings, in the API's JSON.

const REASONS = ['silence', 'cut', 'switch_died', 'unheard', 'swapped', 'somewhere', 'missing', 'clock']

export function gapsOf(rows, query) {
  const spoken = rows.filter((c) => c.talk_ms > 0)
  const all = spoken.slice(0, 16).filter((_, i) => i % 2 === 1).map((c, i) => ({
    call: c.id, n: 1, found_at: new Date(Date.parse(c.ended_at) + 2000).toISOString(), channel: ['left', 'both', 'both', 'right'][i % 4],
    at_ms: 4000 + i * 9100, length_ms: 640 + i * 1230, reason: REASONS[i % REASONS.length], detail: 'as the server says it',
  }))
  const gaps = all.filter((g) => (!query.get('call') || g.call === query.get('call')) && (!query.get('reason') || g.reason === query.get('reason')))
  return { gaps, next_cursor: null }
}

export function speechOf(call) {
  if (!call.talk_ms) return { speech: [] }
  const whole = call.talk_ms
  const one = (agent, length) => ({
    agent, length_ms: length, agent_talk_ms: Math.round(length * 0.46), caller_talk_ms: Math.round(length * 0.33), crosstalk_ms: Math.round(length * 0.03),
    dead_air_ms: Math.round(length * 0.24), longest_dead_air_ms: Math.round(length * 0.07), longest_monologue_ms: Math.round(length * 0.2),
    first_word_ms: 740, agent_dbfs: -21, caller_dbfs: -26, interruptions: 2,
  })
  const list = [one('', whole), one(call.agent, call.transfers ? Math.round(whole * 0.4) : whole)]
  if (call.transfers) list.push(one('1002', Math.round(whole * 0.6)))
  return { speech: list }
}
