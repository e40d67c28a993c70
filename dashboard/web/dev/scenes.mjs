// Set scenes: every level and every ring at once.

/** Puts phones into each ring, and callers into each level. */
export function dress(day) {
  const now = Date.now()
  day.frozen = true
  const first = day.queues[0].id
  for (const [i, q] of day.queues.entries()) q.callbacks = i % 2 ? 3 : 12
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

/** An emergency, and people who are needed at the desk. */
export function alarm(day, drill = false) {
  const now = Date.now()
  const iso = (ms) => new Date(ms).toISOString()
  const [a, b] = [day.agents[3], day.agents[6]]
  const about = (g) => ({ agent: g.id, agent_name: g.name, agent_name_en: g.en, queue: '' })
  day.emergency = {
    plan: 'flood', name: '大面积停水', name_en: 'No water in the city', level: 2, drill, since: iso(now - 1_260_000), until: iso(now + 2_400_000),
    alert: ['值班长', '1001'], queues: [day.queues[0].id], toll: { offered: 41, answered: 30, abandoned: 6, overflowed: 3 },
  }
  day.alerts = [
    { id: '7', kind: 'absent', ...about(a), reason: 'meal', reason_name: '用餐', reason_name_en: 'Meal', count: 0, since: iso(now - 3_125_000) },
    { id: '9', kind: 'sign_out', ...about(b), reason: '', reason_name: '', reason_name_en: '', count: 3, since: iso(now - 62_000) },
    { id: '11', kind: 'emergency', agent: '', agent_name: '', agent_name_en: '', queue: '', reason: 'flood', reason_name: '大面积停水', reason_name_en: 'No water', count: 2, since: iso(now - 1_260_000) },
  ]
}
