import { Alert, Drawer, Skeleton } from 'antd'
import { useEffect, useState } from 'react'
import { ringsHeard, useLanguage } from '../i18n'
import { clock, duration, seconds } from '../time'
import { instant } from '../wire'
import { problemOf, request, type CallDetail, type CallRow, type Problem } from './api'

interface Names {
  queue: (id: string) => string
  agent: (id: string) => string
  zone: string
}

type Event = NonNullable<CallDetail['events']>[number]

/** What an event says beyond its name, from the fields all share. */
function useSaid(names: Names) {
  const { t, word } = useLanguage()
  return (e: Event): string => {
    const d = e.data ?? {}
    const parts: string[] = []
    if (typeof d.queue === 'string') parts.push(names.queue(d.queue))
    if (typeof d.agent === 'string' && d.agent) parts.push(names.agent(d.agent))
    if (typeof d.by === 'string' && e.type === 'LineAnswered') parts.push(d.by === 'agent' ? t('calls.agent') : d.by)
    if (typeof d.reason === 'string' && d.reason) parts.push(word('why', d.reason))
    if (typeof d.release === 'string') parts.push(`${t('calls.release')}:${word('release', d.release)}`)
    if (typeof d.to === 'string' && d.to) parts.push(`→ ${names.queue(d.to)}`)
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
    request<CallDetail>('GET', `/calls/${encodeURIComponent(call.id)}`)
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

  return (
    <Drawer open={call !== null} onClose={onClose} size={Math.min(520, window.innerWidth)} title={call && t('calls.detail', { caller: call.caller })} className="drawer" destroyOnHidden>
      {call && problem && <Alert type="error" title={t('calls.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })} />}
      {call && !detail && !problem && <Skeleton active paragraph={{ rows: 8 }} />}
      {call && detail && <Detail call={call} detail={detail} names={names} listens={listens} />}
    </Drawer>
  )
}

function Detail({ call, detail, names, listens }: { call: CallRow; detail: CallDetail; names: Names; listens: boolean }) {
  const { t, word } = useLanguage()
  const said = useSaid(names)
  const begin = instant(call.arrived_at) ?? 0
  const audio = detail.recording !== null && detail.recording.state !== 'missing'
  return (
    <>
      <dl className="drawer-facts num">
        <Fact name={t('calls.queue')} value={names.queue(call.queue)} />
        <Fact name={t('calls.outcome')} value={word('outcome', call.outcome)} />
        <Fact name={t('calls.agent')} value={call.agent ? names.agent(call.agent) : t('fig.none')} />
        <Fact name={t('calls.wait')} value={t('unit.s', { n: seconds(call.wait_ms) })} />
        <Fact
          name={t('calls.rings')}
          value={call.rings && call.rings.heard > 0 ? `${ringsHeard(t, call.rings.heard)} · ${t(call.rings.within ? 'calls.within' : 'calls.beyond')}` : t('calls.norings')}
        />
        <Fact name={t('calls.talk')} value={call.talk_ms > 0 ? duration(call.talk_ms) : t('fig.none')} />
      </dl>

      <h3>{t('calls.recording')}</h3>
      {audio && !listens && <span className="dim">{t('calls.recording.supervisors')}</span>}
      {audio && listens && (
        <>
          {/* Every opening is on record (R14.1), so nothing is fetched before play is pressed. */}
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- a conversation has no captions */}
          <audio controls preload="none" src={`/api/v1/calls/${encodeURIComponent(call.id)}/recording`} />
          <small className="dim">
            {t('calls.recording.stereo')}
            {detail.recording?.state === 'incomplete' && ` · ${t('calls.recording.incomplete')}`}
          </small>
        </>
      )}
      {!audio && <span className="dim">{t('calls.recording.none')}</span>}

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

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
