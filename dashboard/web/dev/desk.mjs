// An agent's desk in the API's JSON, and a plain reading of what is done there.

const iso = (ms) => (ms ? new Date(ms).toISOString() : null)

export const CATEGORIES = [['1', 'consult', '咨询', 'Question'], ['2', 'complaint', '投诉', 'Complaint'], ['3', 'order', '下单', 'Order'], ['4', 'repair', '报修', 'Repair']].map(
  ([digit, code, name, name_en]) => ({ digit, code, name, name_en }),
)

/** Puts an agent in a call: a.desk is what only the desk shows of it. */
export function talkTo(agent, caller, since, more = {}) {
  agent.desk = { caller, queue: agent.queues[0], since, held: 0, muted: false, tape: { state: 'runs', since: null, until: null, failed: false }, consult: null, ...more }
  Object.assign(agent, { state: 'on_call', since, ring: null, caller: '138****0001', queue: agent.queues[0], last_call: 'c-7' })
  told(agent)
}

/** The frame says that something changed. */
function told(agent) {
  const d = agent.desk
  agent.talk = d && { state: 'talking', since: iso(d.since), held_since: iso(d.held), muted: d.muted, tape: d.tape, consult: d.consult?.state ?? '' }
}

export function deskOf(day, a) {
  const now = day.frame().agents.find((x) => x.id === a.id)
  const d = a.desk
  const has = d && ['reserved', 'on_call'].includes(a.state)
  return {
    agent: { ...now, wrap_up_at: iso(a.wrap_up_at), wrap_up_most: iso(a.wrap_up_most), unregistered: a.unregistered === true, last_call: a.last_call ?? '', today: { ...a.today, registered: 12 } },
    call: has ? { id: 'c-7', queue: d.queue, caller: d.caller, number: '4000', name: d.name ?? '', level: d.level ?? '', direction: 'in', state: a.state === 'on_call' ? 'talking' : 'offered', callback: false, category: '', note: '' } : null,
    talk: has
      ? { kind: d.kind ?? '', since: a.state === 'on_call' ? iso(d.since) : null, held_since: iso(d.held), held_by_phone: false, muted: d.muted, tape: d.tape, consult: d.consult, ring: now.ring, survey: d.survey === true }
      : null,
    callbacks: day.backs ?? [],
    cases: (day.cases ?? []).filter((c) => a.queues.includes(c.queue)),
  }
}

export function act(agent, what, said) {
  const d = agent.desk
  if (what === 'wrap-up') agent.wrap_up_at += 30_000
  if (what !== 'conversation' || !d) return
  if (said.do === 'hold') d.held = Date.now()
  if (said.do === 'retrieve' || said.do === 'cancel') d.held = 0
  if (said.do === 'mute' || said.do === 'unmute') d.muted = said.do === 'mute'
  if (said.do === 'mute_recording') d.tape = { state: 'muted', since: iso(Date.now()), until: iso(Date.now() + 120_000), failed: false }
  if (said.do === 'unmute_recording') d.tape = { state: 'runs', since: null, until: null, failed: false }
  if (said.do === 'consult') Object.assign(d, { held: Date.now(), consult: { agent: said.to.agent ?? '', number: said.to.number ?? '', state: 'private', began_at: iso(Date.now()), answered_at: iso(Date.now()) } })
  if (said.do === 'cancel') d.consult = null
  if (['transfer', 'complete', 'hang_up', 'survey'].includes(said.do)) {
    Object.assign(agent, { state: 'wrap_up', since: Date.now(), caller: '', queue: '', desk: null, wrap_up_at: Date.now() + 30_000, wrap_up_most: Date.now() + 300_000 })
  }
  told(agent)
}

/** A queue with the day's figures, as GET /queues has it. */
export function queueDay(q, i) {
  return {
    ...q, callbacks: q.callbacks,
    today: {
      offered: q.offered, answered: q.answered, completed: q.answered - 2, registered: q.answered - 14, called_back: 6 + i, callbacks: 8 + i, transferred: 11 - i, forwarded: 3, voicemails: 2,
      survey_answered: i === 2 ? 0 : 41, survey_sum: i === 2 ? 0 : 187, estimates: i === 1 ? 0 : 32, estimate_within: i === 1 ? 0 : 29, estimate_error_ms: i === 1 ? 0 : 32 * 14_000,
    },
  }
}
