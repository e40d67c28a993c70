// Set scenes: every level and every ring at once.

/** Puts phones into each ring, and callers into each level. */
export function dress(day) {
  const now = Date.now()
  day.frozen = true
  const first = day.queues[0].id
  const ringing = [[0, 2000], [1, 7000], [4, 11_400], [5, 16_500]]
  for (const [i, ago] of ringing) {
    if (day.agents[i]) day.set(day.agents[i], 'reserved', now - ago, { ring: { since: now - ago, on_ms: 1000, cycle_ms: 5000, limit: 3 }, queue: first, caller: '138****0001' })
  }
  if (day.agents[7]) day.set(day.agents[7], 'not_ready', now - 40_000, { reason: 'rona' })
  if (day.agents[2]) day.set(day.agents[2], 'on_call', now - 95_000, { queue: first, caller: '139****2210', pending: { state: 'not_ready', reason: 'meal' } })
  day.calls = [[23_000, 0], [11_500, 0], [4000, 0], [6200, 1], [2500, 4]]
    .filter(([, i]) => i < day.queues.length)
    .map(([ago, i], n) => ({ queue: day.queues[i].id, since: now - ago, caller: `13${n}****20${n}4`, offered: n === 0 }))
}
