// Recordings, their waves and sound, in the API's JSON.

/** Turns of talk: who speaks when, in seconds, the same for a call each time. */
function turns(seconds) {
  const out = []
  for (let at = 0, n = 0; at < seconds; n++) {
    const length = 1.5 + ((n * 7) % 5) * 0.8
    const pause = n % 4 === 3 ? 2.4 : 0.3
    out.push({ left: n % 2 === 1, from: at, to: Math.min(seconds, at + length) })
    at += length + pause
  }
  return out
}

const loud = (side, at, all) => all.some((x) => x.left === (side === 'left') && at >= x.from && at < x.to)

export function peaksOf(call) {
  const seconds = Math.min(60, call.talk_ms / 1000)
  const all = turns(seconds)
  const side = (name) => Array.from({ length: Math.floor(seconds * 50) }, (_, i) => (loud(name, i / 50, all) ? 40 + ((i * 37) % 90) : 1))
  return { rate: 50, left: side('left'), right: side('right') }
}

export function marksOf(call) {
  const length = Math.min(60_000, call.talk_ms)
  const marks = [
    { at_ms: 0, kind: 'CallConnected', agent: call.agent, to: '', number: '', by: '' },
    { at_ms: Math.round(length * 0.4), kind: 'CallHeld', agent: call.agent, to: '', number: '', by: '' },
    { at_ms: Math.round(length * 0.55), kind: 'CallRetrieved', agent: call.agent, to: '', number: '', by: '' },
  ]
  return { length_ms: length, parts: [], stretches: [], marks, muted: [{ from_ms: Math.round(length * 0.7), to_ms: Math.round(length * 0.78), kind: 'muted', agent: call.agent }], private: [] }
}

/** 16-bit stereo: a tone for each voice. */
export function soundOf(call) {
  const seconds = Math.min(60, call.talk_ms / 1000)
  const all = turns(seconds)
  const frames = Math.floor(seconds * 8000)
  const b = Buffer.alloc(44 + frames * 4)
  b.write('RIFF', 0); b.writeUInt32LE(36 + frames * 4, 4); b.write('WAVEfmt ', 8)
  b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(2, 22); b.writeUInt32LE(8000, 24); b.writeUInt32LE(32_000, 28)
  b.writeUInt16LE(4, 32); b.writeUInt16LE(16, 34); b.write('data', 36); b.writeUInt32LE(frames * 4, 40)
  for (let i = 0; i < frames; i++) {
    const at = i / 8000
    if (loud('left', at, all)) b.writeInt16LE(Math.round(6000 * Math.sin(at * 2764)), 44 + i * 4)
    if (loud('right', at, all)) b.writeInt16LE(Math.round(6000 * Math.sin(at * 4398)), 46 + i * 4)
  }
  return b
}

/** Answers a range of bytes as the server does. */
export function sendSound(req, res, sound) {
  const m = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '')
  const head = { 'Content-Type': 'audio/wav', 'Accept-Ranges': 'bytes' }
  if (!m) return res.writeHead(200, { ...head, 'Content-Length': sound.length }).end(sound)
  const from = Number(m[1])
  const to = m[2] ? Number(m[2]) : sound.length - 1
  return res.writeHead(206, { ...head, 'Content-Length': to + 1 - from, 'Content-Range': `bytes ${from}-${to}/${sound.length}` }).end(sound.subarray(from, to + 1))
}

export function foundOf(rows, q) {
  let found = rows
    .filter((c) => c.outcome === 'answered')
    .map((c, i) => ({
      call: c.id, at: c.arrived_at, agents: i % 7 === 3 ? [c.agent, '1002'] : [c.agent], queue: c.queue, number: c.caller, talk_ms: c.talk_ms, over_rings: c.rings ? !c.rings.within : false,
      release: c.release, mark: [0, 5, 4, 0, 1, 5][i % 6], category: ['consultation', '', 'complaint', 'order'][i % 4], state: i % 11 === 5 ? 'incomplete' : i % 23 === 7 ? 'missing' : 'kept',
      reason: i % 11 === 5 ? '2.1 s are not in the file' : '', held: i % 13 === 4, score: i % 5 === 2 ? 86.5 - i / 3 : null, dead_air_ms: (i % 6) * 2400, crosstalk_ms: (i % 4) * 1800, agent_share: 40 + (i % 5) * 7,
    }))
  if (q.get('agent')) found = found.filter((r) => r.agents.includes(q.get('agent')))
  if (q.get('queue')) found = found.filter((r) => r.queue === q.get('queue'))
  if (q.get('state') === 'gaps') found = found.filter((r) => r.state === 'incomplete' || r.state === 'missing')
  if (q.get('release')) found = found.filter((r) => r.release === q.get('release'))
  if (q.get('text')) found = found.filter((r) => r.category === 'complaint')
  const from = Number(q.get('cursor') ?? 0)
  const size = Number(q.get('limit') ?? 50)
  return { recordings: found.slice(from, from + size), count: from === 0 ? found.length : null, more: false, next_cursor: from + size < found.length ? String(from + size) : null }
}
