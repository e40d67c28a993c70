import { Alert, Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link } from '../app/router'
import { useTitle } from '../i18n'
import { problemOf, request, type Session } from '../pages/api'
import { Player, type PlayerHandle } from '../player/Player'
import { AnswerSheet } from './Answers'
import { fraction, shown, soFar, whole, type Evaluation as Judged, type Form, type Judgement, type Remark } from './data'
import { StateTag } from './Evaluations'
import { RemarkField, Remarks } from './Remarks'
import { Decision, Objected, Response } from './Response'
import { QualityTabs } from './Tabs'
import { useQuality } from './text'
import { useDraft } from './useDraft'
import { useHouseWords, useRead } from './useQualityData'

interface Shown {
  evaluation: Judged
  form: Form
  log: { at: string; kind: string }[]
}

/** One evaluation beside its recording: the scorer's draft, the agent's answer, the second score, the decision. */
export default function Evaluation({ id, session, onSignedOut }: { id: string; session: Session; onSignedOut: () => void }) {
  const { q, qw } = useQuality()
  const house = useHouseWords()
  const { value, setValue, problem, again } = useRead<Shown>(`/qa/evaluations/${encodeURIComponent(id)}`, onSignedOut)
  const e = value?.evaluation
  const own = e !== undefined && session.agent !== '' && session.agent === e.agent
  useTitle(e ? `${q('evaluations')} ${house.agent(e.agent)}` : q('evaluations'))
  const set = (next: Judged) => {
    if (value) setValue({ ...value, evaluation: next })
    again()
  }
  useEffect(() => {
    if (own && e?.state === 'submitted') void request<Judged>('POST', `/qa/evaluations/${id}/read`, {}).then(again, () => undefined)
  }, [own, e?.state, id, again])

  return (
    <main className="desk-page quality">
      <QualityTabs role={session.role} />
      {problem && <Alert className="qa-alert" type="error" title={q('failed', { detail: problem.message })} action={<Button onClick={again}>{q('retry')}</Button>} />}
      {!e && !problem && <p className="dim">{q('loading')}</p>}
      {e && value && (
        <>
          <div className="desk-head">
            <h1>{house.agent(e.agent)}</h1>
            <StateTag e={e} />
          </div>
          <p className="judge-facts">
            <span className="num">{house.time(e.call_at)}</span>
            <span>{qw('origin', e.origin)}</span>
            <span>
              {q('scorer')} {e.scorer}
            </span>
            {session.role !== 'agent' && <Link href={`/calls?call=${encodeURIComponent(e.call)}`}>{e.call}</Link>}
          </p>
          <Body key={e.state === 'appealed' ? 'second' : 'first'} e={e} form={value.form} session={session} own={own} onChanged={set} onSignedOut={onSignedOut} />
        </>
      )}
    </main>
  )
}

interface BodyProps {
  e: Judged
  form: Form
  session: Session
  own: boolean
  onChanged: (e: Judged) => void
  onSignedOut: () => void
}

function Body({ e, form, session, own, onChanged, onSignedOut }: BodyProps) {
  const { q } = useQuality()
  const player = useRef<PlayerHandle>(null)
  const drafting = e.state === 'draft' && e.scorer === session.name
  const second = e.state === 'appealed' && e.hidden
  const writing = drafting || second
  const [empty] = useState<Judgement>(() => whole(undefined))
  const draft = useDraft(second ? `${e.id}-second` : e.id, writing ? (second ? empty : e.draft) : null, drafting, onSignedOut)
  const [at, setAt] = useState<number | null>(null)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState('')
  const current = e.versions?.at(-1)
  const judgement = writing ? draft.judgement : whole(current?.judgement)
  const guess = soFar(form, judgement.answers)
  const staff = session.role !== 'agent'

  const submit = async () => {
    setBusy(true)
    setRefused('')
    try {
      if (drafting && !(await draft.send())) return
      const next = await request<Judged>('POST', `/qa/evaluations/${e.id}/${second ? 'second' : 'submit'}`, second ? { judgement } : {})
      draft.forget()
      onChanged(next)
    } catch (error) {
      setRefused(problemOf(error).message)
    } finally {
      setBusy(false)
    }
  }
  const add = (text: string) => {
    if (at !== null) draft.change((j) => ({ ...j, comments: [...j.comments, { at_ms: at, item: '', text }] }))
    setAt(null)
  }
  const remove = (r: Remark) => draft.change((j) => ({ ...j, comments: j.comments.filter((c) => c !== r) }))
  const seek = (ms: number) => player.current?.seek(ms)
  const other = e.objection?.second?.judgement

  return (
    <div className="judge">
      <div>
        {(staff || own) && (
          <div className="panel">
            <Player ref={player} call={e.call} why={q('quality')} pins={judgement.comments.filter((c) => c.at_ms >= 0).map((c, i) => ({ id: String(i), atMs: c.at_ms, text: c.text }))} {...(writing ? { onMoment: setAt } : {})} />
          </div>
        )}
        <div className="panel">
          {second && <Alert className="qa-alert" type="info" title={q('again.title')} />}
          <AnswerSheet
            form={form}
            answers={judgement.answers}
            {...(writing ? { onAnswer: (item: string, answer: string) => draft.change((j) => ({ ...j, answers: { ...j.answers, [item]: answer } })) } : {})}
            {...(other && e.state === 'rescored' ? { other: other.answers ?? {} } : {})}
          />
          {writing && <p className="dim">{q('keys')}</p>}
        </div>
      </div>
      <aside className="judge-side">
        <div className="panel">
          <div className="judge-total">
            <strong className={`num${!writing && e.fatal.length > 0 ? ' fatal' : ''}`}>{shown(writing ? guess.score : e.hidden ? null : fraction(current?.scored.total))}</strong>
            <span className="dim">{writing ? q('soFar') : e.hidden ? q('hidden') : q('score')}</span>
          </div>
          {writing && (
            <>
              <div className="judge-actions">
                <Button type="primary" disabled={guess.missing.length > 0} loading={busy} onClick={() => void submit()}>
                  {q(second ? 'again' : 'submit')}
                </Button>
                {guess.missing.length > 0 && <span className="dim">{q('submit.missing', { n: guess.missing.length })}</span>}
                {drafting && (
                  <output className="saved">{q(draft.kept === 'saved' ? 'saved' : draft.kept === 'saving' ? 'saving' : 'unsaved')}</output>
                )}
              </div>
            </>
          )}
          {(refused || draft.refused) && <Alert type="error" className="qa-alert" title={refused || draft.refused} />}
        </div>
        <div className="panel">
          <h2>{q('comments')}</h2>
          <Remarks form={form} remarks={judgement.comments} onSeek={seek} {...(writing ? { onRemove: remove } : {})} />
          {writing &&
            (at === null ? (
              <span className="judge-actions">
                <Button size="small" onClick={() => setAt(Math.round(player.current?.now() ?? 0))}>
                  {q('comment')}
                </Button>
                <Button size="small" onClick={() => setAt(-1)}>
                  {q('comment.whole')}
                </Button>
              </span>
            ) : (
              <RemarkField at={at} onAdd={add} onCancel={() => setAt(null)} />
            ))}
          {!writing && judgement.summary && <p>{judgement.summary}</p>}
        </div>
        {e.objection && <Objected e={e} form={form} staff={staff} />}
        {own && (e.state === 'submitted' || e.state === 'read') && <Response e={e} form={form} onChanged={onChanged} />}
        {staff && !writing && !e.hidden && (
          <div className="panel">
            <Link href={`/qa/coaching?agent=${encodeURIComponent(e.agent)}&evaluation=${e.id}`}>{q('coach.new')}</Link>
          </div>
        )}
        {session.role === 'supervisor' && e.state === 'rescored' && e.scorer !== session.name && !own && <Decision e={e} onChanged={onChanged} />}
      </aside>
    </div>
  )
}
