import { Alert, App as AntApp, Button, Input } from 'antd'
import { useCallback, useEffect, useMemo, useRef, useState, type FormEvent } from 'react'
import { Link } from '../app/router'
import { useLanguage, useTitle } from '../i18n'
import { minutes, Player, type PlayerHandle } from '../player/Player'
import { clock, duration } from '../time'
import { instant } from '../wire'
import { problemOf, request, type CallDetail, type Problem, type Session } from './api'
import { CallParts } from './CallParts'
import { CallProof } from './CallProof'
import { RecordingWhere } from './RecordingWhere'
import type { Remark } from './recordingsData'
import { useRecordingsText } from './recordingsText'
import { useHouse } from './useCalls'
import './recordings.css'

/** One recording: to be heard, with what happened, what was found in it, and remarks. */
export default function RecordingPage({ call, session, onSignedOut }: { call: string; session: Session; onSignedOut: () => void }) {
  const { t, word, name } = useLanguage()
  const s = useRecordingsText()
  const { frame } = useHouse()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const [detail, setDetail] = useState<CallDetail | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const player = useRef<PlayerHandle>(null)
  const remarks = useRemarks(call, setProblem)
  useTitle(s('one'))

  const read = useCallback(() => {
    let wanted = true
    setProblem(null)
    request<CallDetail>('GET', `/calls/${encodeURIComponent(call)}`)
      .then((d) => wanted && setDetail(d))
      .catch((e: unknown) => {
        if (!wanted) return
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else setProblem(p)
      })
    return () => {
      wanted = false
    }
  }, [call, onSignedOut])
  useEffect(() => read(), [read])

  const names = useMemo(() => {
    const of = (list: { id: string; name: string; nameEn: string }[] | undefined) => (id: string) => {
      const found = list?.find((x) => x.id === id)
      return found ? name(found) : id
    }
    return { queue: of(frame?.queues), agent: of(frame?.agents) }
  }, [frame, name])
  const pins = useMemo(() => remarks.list.map((r) => ({ id: String(r.id), atMs: r.at_ms, text: r.text })), [remarks.list])
  const c = detail?.call
  const audio = detail?.recording && detail.recording.state !== 'missing'
  const begin = c ? (instant(c.arrived_at) ?? 0) : 0
  return (
    <main className="desk-page recording-page">
      <div className="desk-head">
        <h1>{s('one')}</h1>
        {c?.agent && <Link href={`/qa/evaluations?call=${encodeURIComponent(call)}&agent=${encodeURIComponent(c.agent)}`}>{s('evaluate')}</Link>}
        <Link href="/recordings">{s('back')}</Link>
      </div>
      {problem && (
        <Alert type="error" title={s('failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })} action={<Button onClick={read}>{s('retry')}</Button>} />
      )}
      {c && (
        <div className="recording-facts num">
          <span>
            {new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(begin)} {clock(begin, zone)}
          </span>
          <span>{names.queue(c.queue)}</span>
          <span>{c.agent ? names.agent(c.agent) : t('fig.none')}</span>
          <span>{c.caller}</span>
          <span>{duration(c.talk_ms)}</span>
          {c.release && (
            <span>
              {s('release')} {word('release', c.release)}
            </span>
          )}
        </div>
      )}
      {detail && (audio ? <Player key={call} ref={player} call={call} pins={pins} onMoment={remarks.begin} mayDownload={session.role === 'supervisor'} /> : <p className="dim">{s('nothing')}</p>)}
      {audio && (
        <section aria-label={s('comments')}>
          <h3>{s('comments')}</h3>
          {remarks.at !== null && <NewRemark key={remarks.at} at={remarks.at} onAdd={remarks.add} onCancel={remarks.cancel} />}
          {remarks.list.length === 0 && remarks.at === null && <p className="dim">{s('comments.none')}</p>}
          <ul className="remarks">
            {remarks.list.map((r) => (
              <li key={r.id} className="remark">
                <Button type="link" size="small" className="num" onClick={() => player.current?.seek(r.at_ms)}>
                  {minutes(r.at_ms)}
                </Button>
                <p>
                  {r.text} <small className="dim">{r.by}</small>
                </p>
                {r.by === session.name && (
                  <Button type="text" size="small" onClick={() => remarks.remove(r)}>
                    {s('comment.remove')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {detail && <CallParts parts={detail.parts ?? []} agent={names.agent} zone={zone} />}
      {detail?.recording && <CallProof call={call} agent={names.agent} />}
      {detail?.recording && <RecordingWhere call={call} session={session} zone={zone} />}
      {detail && (
        <section aria-label={s('timeline')}>
          <h3>{s('timeline')}</h3>
          <ol className="timeline">
            {(detail.events ?? []).map((e) => (
              <li key={e.seq}>
                <time className="num">{clock(instant(e.at) ?? begin, zone)}</time>
                <p>
                  {word('event', e.type)}
                  {typeof e.data?.agent === 'string' && e.data.agent !== '' && <small>{names.agent(e.data.agent)}</small>}
                </p>
              </li>
            ))}
          </ol>
        </section>
      )}
    </main>
  )
}

/** The remarks on a recording; one that was removed can be put back for a moment. */
function useRemarks(call: string, onProblem: (p: Problem | null) => void) {
  const s = useRecordingsText()
  const { notification } = AntApp.useApp()
  const [list, setList] = useState<Remark[]>([])
  const [at, setAt] = useState<number | null>(null)
  const base = `/calls/${encodeURIComponent(call)}/comments`
  const failed = useCallback((e: unknown) => onProblem(problemOf(e)), [onProblem])
  useEffect(() => {
    let wanted = true
    request<{ comments: Remark[] }>('GET', base)
      .then((r) => wanted && setList(r.comments))
      .catch(() => undefined) // the recording can be heard without
    return () => {
      wanted = false
    }
  }, [base])
  const add = useCallback(
    (atMs: number, text: string) =>
      request<Remark>('POST', base, { at_ms: atMs, text })
        .then((r) => {
          setList((old) => [...old, r].toSorted((x, y) => x.at_ms - y.at_ms || x.id - y.id))
          setAt(null)
        })
        .catch(failed),
    [base, failed],
  )
  const remove = useCallback(
    (r: Remark) =>
      request<void>('DELETE', `${base}/${r.id}`)
        .then(() => {
          setList((old) => old.filter((x) => x.id !== r.id))
          const key = `remark-${r.id}`
          notification.info({
            key,
            title: s('comment.removed'),
            actions: (
              <Button
                size="small"
                onClick={() => {
                  notification.destroy(key)
                  void add(r.at_ms, r.text)
                }}
              >
                {s('undo')}
              </Button>
            ),
          })
        })
        .catch(failed),
    [base, failed, add, notification, s],
  )
  return { list, at, begin: setAt, cancel: useCallback(() => setAt(null), []), add, remove }
}

function NewRemark({ at, onAdd, onCancel }: { at: number; onAdd: (at: number, text: string) => void; onCancel: () => void }) {
  const s = useRecordingsText()
  const [text, setText] = useState('')
  const submit = (e: FormEvent) => {
    e.preventDefault()
    if (text.trim()) onAdd(at, text.trim())
  }
  return (
    <form className="remark-new" onSubmit={submit}>
      <span className="num">{s('comment.at', { at: minutes(at) })}</span>
      <Input autoFocus aria-label={s('comment.text')} placeholder={s('comment.text')} maxLength={1000} value={text} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === 'Escape' && onCancel()} />
      <Button type="primary" htmlType="submit" disabled={!text.trim()}>
        {s('comment.add')}
      </Button>
    </form>
  )
}
