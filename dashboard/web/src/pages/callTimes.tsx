import { useTick } from '../app/hooks'
import { useLanguage, type Translate } from '../i18n'
import { duration, seconds } from '../time'
import { instant } from '../wire'
import type { CallRow } from './api'

/** What a call did, or does at present. */
export function Outcome({ call }: { call: CallRow }) {
  const { t, word } = useLanguage()
  const marks = [
    call.direction === 'out' && t('calls.out'),
    call.callback && call.outcome === '' && t('calls.callback'),
    call.held && t('calls.hold'),
    call.transfers > 0 && t('calls.transfers', { n: call.transfers }),
  ]
  return (
    <span className={`outcome ${call.outcome || 'now'}`}>
      {[call.outcome ? word('outcome', call.outcome) : word('now', call.state), ...marks.filter(Boolean)].join(' · ')}
    </span>
  )
}

/** ms since a moment, by the server's clock (offset = its clock − ours), renewed at every tick. */
function useSince(from: string | null, offset: number): number {
  useTick()
  return Date.now() + offset - (instant(from) ?? Date.now() + offset)
}

/** Tenths matter while rings are counted; from a minute on it reads as a clock. */
function waited(t: Translate, ms: number, ended: boolean): string {
  if (ms >= 60_000) return duration(ms)
  return t('unit.s', { n: ended ? seconds(ms) : Math.max(0, Math.floor(ms / 1000)) })
}

function Waiting({ call, offset }: { call: CallRow; offset: number }) {
  const { t } = useLanguage()
  return <span className="num">{waited(t, useSince(call.arrived_at, offset), false)}</span>
}

function Talking({ call, offset }: { call: CallRow; offset: number }) {
  return <span className="num">{duration(useSince(call.connected_at, offset))}</span>
}

/** The wait is known once it is over; until then it counts. */
export function Wait({ call, offset }: { call: CallRow; offset: number }) {
  const { t } = useLanguage()
  if (call.state === 'waiting' || call.state === 'offered') return <Waiting call={call} offset={offset} />
  return <span className="num">{waited(t, call.wait_ms, true)}</span>
}

export function Talk({ call, offset }: { call: CallRow; offset: number }) {
  const { t } = useLanguage()
  if (call.state === 'talking' && call.connected_at) return <Talking call={call} offset={offset} />
  return call.talk_ms > 0 ? <span className="num">{duration(call.talk_ms)}</span> : <span className="dim">{t('fig.none')}</span>
}
