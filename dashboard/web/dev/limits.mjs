// Limits and bans of the stand-in.

/** What GET /limits answers. */
export function limitsOf(server) {
  const turned = { unknown_number: 4, too_many_calls: 0, trunk_full: 18, source_limit: 41, too_many_waiting: 0, banned: 0 }
  return {
    limits: { per_second: 100, per_trunk: 0, trunks: { cmcc: 60, unicom: 30 }, per_caller: 20, caller_per_minute: 60, waiting: 1000, ban: { after: 30, within_ms: 60_000, for_ms: 600_000 } },
    now: { per_second: 3, per_caller: 2, caller: '13800000001', waiting: server.day.calls.length, trunks: [{ trunk: 'cmcc', calls: 60, limit: 60 }, { trunk: 'unicom', calls: 26, limit: 30 }] },
    turned_away: { ...turned, banned: server.bans.reduce((n, b) => n + b.turned, 0) },
    turned_last: server.turned,
  }
}

/** GET, POST and DELETE of /bans. */
export function bans(server, method, number, want, json, problem, res) {
  if (method === 'POST') {
    server.asked.push({ path: '/bans', ...want })
    if (!/^\+?\d{2,32}$/.test(want.number)) return problem(400, 'bad_number', 'Bad number', 'give 2 to 32 digits')
    server.bans = server.bans.filter((b) => b.number !== want.number)
    const now = Date.now()
    server.bans.push({ number: want.number, since: new Date(now).toISOString(), until: want.for_ms ? new Date(now + want.for_ms).toISOString() : null, refused: 0, turned: 0, by: '班长', note: want.note ?? '' })
  }
  if (method === 'DELETE') {
    server.asked.push({ path: `/bans/${number}`, method })
    if (!server.bans.some((b) => b.number === number)) return problem(404, 'unknown_ban', 'Not banned', 'it is not banned')
    server.bans = server.bans.filter((b) => b.number !== number)
    return res.writeHead(204).end()
  }
  return json(200, { bans: server.bans, turned_away: {} })
}
