import { Alert, Button, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import { problemOf, request } from '../pages/api'
import { fraction, shown, type Evaluation, type Form } from './data'
import { useQuality } from './text'
import { useHouseWords } from './useQualityData'

/** Sends one thing about an evaluation and says why it was refused. */
function useSend(e: Evaluation, onChanged: (e: Evaluation) => void) {
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState('')
  const send = (what: string, body: object) => {
    setBusy(true)
    setRefused('')
    void request<Evaluation>('POST', `/qa/evaluations/${e.id}/${what}`, body)
      .then(onChanged)
      .catch((error: unknown) => setRefused(problemOf(error).message))
      .finally(() => setBusy(false))
  }
  return { send, busy, refused }
}

/** The agent's answer: a signature, or an appeal with its reason. */
export function Response({ e, form, onChanged }: { e: Evaluation; form: Form; onChanged: (e: Evaluation) => void }) {
  const { q, both } = useQuality()
  const house = useHouseWords()
  const { send, busy, refused } = useSend(e, onChanged)
  const [objecting, setObjecting] = useState(false)
  const [note, setNote] = useState('')
  const [reason, setReason] = useState('')
  const [items, setItems] = useState<string[]>([])
  return (
    <div className="panel">
      {refused && <Alert className="qa-alert" type="error" title={refused} />}
      {objecting ? (
        <div className="remark-new">
          <Select
            mode="multiple"
            aria-label={q('appeal.items')}
            placeholder={q('appeal.items')}
            value={items}
            onChange={setItems}
            options={form.sections.flatMap((s) => s.items.map((i) => ({ value: i.id, label: both(i.name) })))}
          />
          <Input.TextArea autoFocus aria-label={q('appeal.why')} placeholder={q('appeal.why')} rows={3} maxLength={4000} value={reason} onChange={(v) => setReason(v.target.value)} />
          <span className="judge-actions">
            <Button type="primary" loading={busy} disabled={!reason.trim()} onClick={() => send('appeal', { items, reason })}>
              {q('appeal')}
            </Button>
            <Button onClick={() => setObjecting(false)}>{q('cancel')}</Button>
          </span>
        </div>
      ) : (
        <div className="remark-new">
          <Input aria-label={q('sign.note')} placeholder={q('sign.note')} maxLength={4000} value={note} onChange={(v) => setNote(v.target.value)} />
          <span className="judge-actions">
            <Button type="primary" loading={busy} onClick={() => send('sign', { note })}>
              {q('sign')}
            </Button>
            {!e.settled && <Button onClick={() => setObjecting(true)}>{q('appeal')}</Button>}
          </span>
          <small className="dim">{e.settled ? q('appeal.over') : q('appeal.by', { time: house.time(e.appeal_by) })}</small>
        </div>
      )}
    </div>
  )
}

/** What the agent objected to, and what became of it. */
export function Objected({ e, form, staff }: { e: Evaluation; form: Form; staff: boolean }) {
  const { q, qw, both } = useQuality()
  const house = useHouseWords()
  const o = e.objection
  if (!o) return null
  const named = form.sections.flatMap((s) => s.items).filter((i) => o.items?.includes(i.id))
  return (
    <div className="panel">
      <h2>{q('appeal.title')}</h2>
      {named.length > 0 && <p className="dim">{named.map((i) => both(i.name)).join(' · ')}</p>}
      <p>{o.reason}</p>
      {o.outcome ? (
        <>
          <p>
            <b>{qw('outcome', o.outcome)}</b> <small className="dim">{o.decider} {house.time(o.decided)}</small>
          </p>
          <p>{o.answer}</p>
        </>
      ) : (
        <small className="dim">{q('decide.by', { time: house.time(o.decide_by) })}</small>
      )}
      {o.second && staff && (
        <p>
          {q('second')} <b className="num">{shown(fraction(o.second.scored.total))}</b> <small className="dim">{o.second.by}</small>
        </p>
      )}
    </div>
  )
}

/** The supervisor's decision, after the second score. */
export function Decision({ e, onChanged }: { e: Evaluation; onChanged: (e: Evaluation) => void }) {
  const { q } = useQuality()
  const { send, busy, refused } = useSend(e, onChanged)
  const [outcome, setOutcome] = useState('')
  const [answer, setAnswer] = useState('')
  return (
    <div className="panel">
      <h2>{q('decide.title')}</h2>
      {refused && <Alert className="qa-alert" type="error" title={refused} />}
      <div className="remark-new">
        <Radio.Group
          value={outcome}
          onChange={(v) => setOutcome(String(v.target.value))}
          options={[
            { value: 'upheld', label: `${q('decide.upheld')} (${shown(e.score)})` },
            { value: 'changed', label: `${q('decide.changed')} (${shown(fraction(e.objection?.second?.scored.total))})` },
          ]}
        />
        <Input.TextArea aria-label={q('decide.answer')} placeholder={q('decide.answer')} rows={2} maxLength={4000} value={answer} onChange={(v) => setAnswer(v.target.value)} />
        <Button type="primary" loading={busy} disabled={!outcome || !answer.trim()} onClick={() => send('decide', { outcome, answer })}>
          {q('decide')}
        </Button>
      </div>
    </div>
  )
}
