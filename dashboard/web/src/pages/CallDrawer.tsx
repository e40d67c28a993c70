import { Alert, Drawer, Skeleton } from 'antd'
import { useEffect, useState, type ReactNode } from 'react'
import { Link } from '../app/router'
import { ringsHeard, useLanguage } from '../i18n'
import { Player } from '../player/Player'
import { clock, duration, seconds } from '../time'
import { instant } from '../wire'
import { problemOf, request, type CallDetail, type CallRow, type Problem } from './api'
import { CallProof } from './CallProof'
import { CallParts } from './CallParts'
import { Outcome, Talk, Wait } from './callTimes'
import { useRecordingsText } from './recordingsText'

/** How often a call in progress is looked at again. */
const LOOK_MS = 3000

interface Names {
  queue: (id: string) => string
  agent: (id: string) => string
  zone: string
  offset: number
}

type Event = NonNullable<CallDetail['events']>[number]

/** What an event says beyond its name, from the fields all share. */
function useSaid(names: Names) {
  const { t, lang, word } = useLanguage()
  return (e: Event): string => {
    const d = e.data ?? {}
    const parts: string[] = []
    if (typeof d.queue === 'string') parts.push(names.queue(d.queue))
    if (typeof d.agent === 'string' && d.agent) parts.push(names.agent(d.agent))
    if (typeof d.by === 'string' && e.type === 'LineAnswered') parts.push(word('by', d.by))
    if (typeof d.reason === 'string' && d.reason) parts.push(word('why', d.reason))
    if (d.cause === 'media_lost' || d.cause === 'switch_lost') parts.push(word('why', d.cause))
    if (typeof d.release === 'string') parts.push(`${t('calls.release')}${lang === 'en' ? ': ' : '：'}${word('release', d.release)}`)
    const to = (d.target ?? d.to) as Record<string, unknown> | string | null | undefined
    if (to && typeof to === 'object') {
      const place = to.agent ? names.agent(String(to.agent)) : to.queue ? names.queue(String(to.queue)) : String(to.number ?? to.menu ?? '')
      if (place) parts.push(`→ ${place}`)
    }
    if (typeof d.number === 'string' && d.number && e.type !== 'CallQueued') parts.push(d.number)
    if (typeof d.keys === 'string' && d.keys) parts.push(d.keys)
    if (typeof d.score === 'number' && d.score > 0) parts.push(String(d.score))
    if (typeof d.to === 'string' && d.to && e.type === 'CallOverflowed') parts.push(`→ ${names.queue(d.to)}`)
    return parts.join(' · ')
  }
}

export function CallDrawer({ call, names, listens, onClose, onSignedOut }: { call: CallRow | null; names: Names; listens: boolean; onClose: () => void; onSignedOut: () => void }) {
  const { t } = useLanguage()
  const [detail, setDetail] = useState<CallDetail | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

  useEffect(() => {
    setDetail(null)
    setProblem(null)
    if (!call) return
    let wanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      request<CallDetail>('GET', `/calls/${encodeURIComponent(call.id)}`)
        .then((d) => {
          if (!wanted) return
          setDetail(d)
          setProblem(null)
          if (d.call.outcome === '') timer = setTimeout(look, LOOK_MS)
        })
        .catch((e: unknown) => {
          if (!wanted) return
          const p = problemOf(e)
          if (p.status === 401) return onSignedOut()
          setProblem(p)
          if (p.status === 0) timer = setTimeout(look, LOOK_MS)
        })
    }
    look()
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [call, onSignedOut])

  return (
    <Drawer open={call !== null} onClose={onClose} size={Math.min(520, window.innerWidth)} title={call && t('calls.detail', { caller: call.caller })} className="drawer" destroyOnHidden>
      {call && problem && <Alert type="error" title={t('calls.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })} />}
      {call && !detail && !problem && <Skeleton active paragraph={{ rows: 8 }} />}
      {call && detail && <Detail detail={detail} names={names} listens={listens} />}
    </Drawer>
  )
}

function Detail({ detail, names, listens }: { detail: CallDetail; names: Names; listens: boolean }) {
  const { t, word } = useLanguage()
  const said = useSaid(names)
  const s = useRecordingsText()
  const { call } = detail
  const begin = instant(call.arrived_at) ?? 0
  const audio = detail.recording !== null && detail.recording.state !== 'missing'
  return (
    <>
      <dl className="drawer-facts num">
        <Fact name={t('calls.queue')} value={names.queue(call.queue)} />
        <Fact name={t('calls.outcome')} value={<Outcome call={call} />} />
        <Fact name={t('calls.agent')} value={call.agent ? names.agent(call.agent) : t('fig.none')} />
        <Fact name={t('calls.wait')} value={<Wait call={call} offset={names.offset} />} />
        <Fact
          name={t('calls.rings')}
          value={call.rings && call.rings.heard > 0 ? `${ringsHeard(t, call.rings.heard)} · ${t(call.rings.within ? 'calls.within' : 'calls.beyond')}` : t('calls.norings')}
        />
        <Fact name={t('calls.talk')} value={<Talk call={call} offset={names.offset} />} />
        {call.hold_ms > 0 && <Fact name={t('calls.hold')} value={duration(call.hold_ms)} />}
        {call.score > 0 && <Fact name={t('calls.score')} value={String(call.score)} />}
      </dl>

      <CallParts parts={detail.parts ?? []} agent={names.agent} zone={names.zone} />

      <h3>{t('calls.recording')}</h3>
      {audio && !listens && <span className="dim">{t('calls.recording.supervisors')}</span>}
      {audio && listens && (
        <>
          <Player key={call.id} call={call.id} />
          {detail.recording?.state === 'incomplete' && <small className="dim">{t('calls.recording.incomplete')}</small>}
        </>
      )}
      {listens && detail.recording !== null && <Link href={`/recordings/${encodeURIComponent(call.id)}`}>{s('one')}</Link>}
      {listens && detail.recording !== null && <CallProof call={call.id} agent={names.agent} />}
      {!audio && <span className="dim">{t(call.outcome === '' ? 'calls.recording.later' : 'calls.recording.none')}</span>}

      <h3>{t('calls.offers')}</h3>
      {(detail.offers ?? []).map((o) => (
        <div key={o.id} className="offer-line">
          <span>{names.agent(o.agent)}</span>
          <span className="dim num">
            {[word('offer', o.state), o.reason && word('why', o.reason), o.rings && o.rings.heard > 0 && ringsHeard(t, o.rings.heard)].filter(Boolean).join(' · ')}
          </span>
        </div>
      ))}

      <h3>{t('calls.timeline')}</h3>
      <ol className="timeline">
        {(detail.events ?? []).map((e) => {
          const at = instant(e.at) ?? begin
          return (
            <li key={e.seq}>
              <time className="num" title={`+${seconds(at - begin)} s`}>
                {clock(at, names.zone)}
              </time>
              <p>
                {word('event', e.type)}
                <small>{said(e)}</small>
              </p>
            </li>
          )
        })}
      </ol>
    </>
  )
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
