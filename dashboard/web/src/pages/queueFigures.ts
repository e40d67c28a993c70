// The day's figures of a queue, read from GET /queues.

import { list, num, raw, str } from '../wire'

export interface Part {
  part: number
  whole: number
}

export interface QueueFigures {
  id: string
  name: string
  nameEn: string
  offered: number
  answered: number
  /** Of the conversations that are over, those whose content is on record (R3.1). */
  registered: Part
  transferred: number
  forwarded: number
  /** Of the callers who asked for it, those who were called back and spoke to an agent. */
  calledBack: Part
  messages: number
  survey: { n: number; mean: number | null }
  /** Of the waits that were told and came to their proof, those that held. */
  told: Part
  /** What they were off on average; null without any. */
  toldOffMs: number | null
}

export function readDay(value: unknown): QueueFigures[] {
  return list(raw(value).queues).map((q) => {
    const t = raw(q.today)
    const marks = num(t.survey_answered)
    const told = num(t.estimates)
    // A call can be registered while it lasts, which is not over yet.
    const over = Math.max(num(t.completed) + num(t.called_back), num(t.registered))
    return {
      id: str(q.id),
      name: str(q.name) || str(q.id),
      nameEn: str(q.name_en) || str(q.name) || str(q.id),
      offered: num(t.offered),
      answered: num(t.answered),
      registered: { part: num(t.registered), whole: over },
      transferred: num(t.transferred),
      forwarded: num(t.forwarded),
      calledBack: { part: num(t.called_back), whole: num(t.callbacks) },
      messages: num(t.voicemails),
      survey: { n: marks, mean: marks > 0 ? num(t.survey_sum) / marks : null },
      told: { part: num(t.estimate_within), whole: told },
      toldOffMs: told > 0 ? num(t.estimate_error_ms) / told : null,
    }
  })
}
