import type { CSSProperties, ReactNode } from 'react'
import { useTickNow } from '../app/hooks'
import { useLanguage, type Key } from '../i18n'
import { ringNow } from '../rings'
import { duration, percent } from '../time'
import type { AgentState, Queue, Share, WaitingCall } from '../wire'
import { StateIcon } from './icons'
import { high, longestWait, low, type Layout, type Level } from './levels'

function Cell({ area, label, level = 'ok', look = '', foot, children }: { area: string; label: ReactNode; level?: Level; look?: string; foot?: ReactNode; children: ReactNode }) {
  const { t } = useLanguage()
  return (
    <div className={`cell ${area} ${level}`} data-cell={area} data-level={level}>
      <span className="label">{label}</span>
      <span className={`figure num ${look}`}>{children}</span>
      <span className="foot">
        {level !== 'ok' && (
          <em className="mark">
            <i aria-hidden="true">{level === 'warn' ? '▲' : '■'}</i>
            {t(level === 'warn' ? 'level.warn' : 'level.alarm')}
          </em>
        )}
        {foot}
      </span>
    </div>
  )
}

function ShareFigure({ share }: { share: Share }) {
  const { t } = useLanguage()
  if (share.value === null) return <span className="nil">{t('fig.none')}</span>
  return (
    <>
      {percent(share.value)}
      <small>%</small>
    </>
  )
}

const part = (s: Share) => (s.whole > 0 ? `${s.part}/${s.whole}` : '')

function LongestWait({ queue }: { queue: Queue }) {
  const { t } = useLanguage()
  const wait = longestWait(queue, useTickNow())
  const level = wait === null ? 'ok' : high(wait, queue.thresholds.waitWarnMs, queue.thresholds.waitAlarmMs)
  return (
    <Cell area="longest" label={t('fig.longest')} level={level} look={wait !== null && wait >= 3_600_000 ? 'long' : ''}>
      {wait === null ? <span className="nil">{t('fig.none')}</span> : duration(wait)}
    </Cell>
  )
}

const SHOWN: readonly AgentState[] = ['ready', 'reserved', 'on_call', 'wrap_up', 'not_ready', 'logged_out']

function AgentCounts({ queue }: { queue: Queue }) {
  const { t, word } = useLanguage()
  return (
    <div className="cell states" data-cell="states">
      <span className="label">{t('fig.agents')}</span>
      <ul className="counts">
        {SHOWN.map((s) => (
          <li key={s} className={`count s-${s}${queue.agents[s] === 0 ? ' zero' : ''}`} title={word('state', s)}>
            <StateIcon state={s} />
            <b className="num">{queue.agents[s]}</b>
            <span className="count-name">{word('state', s)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The waiting callers, oldest first, with the rings each has heard so far. */
function Line({ calls, room }: { calls: WaitingCall[]; room: number }) {
  const { t } = useLanguage()
  const now = useTickNow()
  const shown = calls.slice(0, room)
  return (
    <div className="line" aria-label={t('line.label')}>
      {shown.length === 0 && <span className="line-empty">{t('line.empty')}</span>}
      {shown.map((c) => {
        const r = c.ring ? ringNow(c.ring, now) : null
        return (
          <span key={`${c.since}.${c.caller}`} title={c.caller} className={`chip ${r ? `ring-${r.level}` : ''}`}>
            <span className="chip-caller">{c.caller.slice(-4)}</span>
            <b className="num">{duration(now - c.since)}</b>
          </span>
        )
      })}
      {calls.length > shown.length && <span className="line-more">{t('line.more', { n: calls.length - shown.length })}</span>}
    </div>
  )
}

function Threshold({ ms }: { ms: number }) {
  const { t } = useLanguage()
  const whole = ms >= 60_000 && ms % 60_000 === 0
  return <>{whole ? t('unit.min', { n: ms / 60_000 }) : t('unit.s', { n: Math.round(ms / 100) / 10 })}</>
}

function QueueView({ queue: q, calls, panel, room }: { queue: Queue; calls: WaitingCall[]; panel: boolean; room: number }) {
  const { t, word, name } = useLanguage()
  const th = q.thresholds
  const sl = q.serviceLevel
  // Under who waits; in rows there is room under the calls offered alone.
  const backs = q.callbacks > 0 ? <span className="backs num">{t('fig.callbacks', { n: q.callbacks })}</span> : null
  const formula = word('formula', sl.formula)
  const hint = (['answered', 'positive', 'strict', 'ignore_short', 'ignore_early'] as const).find((f) => f === sl.formula)
  return (
    <article className="queue" data-queue={q.id}>
      <h2 className="queue-name">
        {q.closed && <em className="closed">{t(q.byHand === 'closed' ? 'queue.closed.hand' : 'queue.closed')}</em>}
        {name(q)}
      </h2>
      <Cell area="waiting" label={t('fig.waiting')} level={high(q.waiting, th.waitingWarn, th.waitingAlarm)} look={q.waiting === 0 ? 'zero' : ''} foot={backs}>
        {q.waiting}
      </Cell>
      <LongestWait queue={q} />
      <Cell area="talking" label={t('fig.talking')} look={q.talking === 0 ? 'zero' : ''}>
        {q.talking}
      </Cell>
      {panel && <Line calls={calls} room={room} />}
      <AgentCounts queue={q} />
      <Cell area="offered" label={t('fig.offered')} foot={panel ? null : backs}>
        {q.offered}
      </Cell>
      <Cell area="answered" label={t('fig.answered')}>
        {q.answered}
      </Cell>
      <Cell area="abandoned" label={t('fig.abandoned')} foot={panel && q.shortAbandoned > 0 ? t('fig.short', { n: q.shortAbandoned }) : null}>
        {q.abandoned}
      </Cell>
      <Cell area="rings-agents" label={t('fig.rings_agents')} level={low(q.ringsAgents, th.ringsWarn, th.ringsAlarm)} foot={<span className="of num">{part(q.ringsAgents)}</span>}>
        <ShareFigure share={q.ringsAgents} />
      </Cell>
      <Cell area="rings-callers" label={t('fig.rings_callers')} level={low(q.ringsCallers, th.ringsWarn, th.ringsAlarm)} foot={<span className="of num">{part(q.ringsCallers)}</span>}>
        <ShareFigure share={q.ringsCallers} />
      </Cell>
      <Cell
        area="service"
        label={t('fig.service_level')}
        foot={
          <span className="formula" title={hint && t(`formula.title.${hint}` satisfies Key)}>
            {formula} · <Threshold ms={sl.withinMs} />
          </span>
        }
      >
        <ShareFigure share={sl} />
      </Cell>
    </article>
  )
}

const HEADS: readonly [area: string, key: Key][] = [
  ['queue-name', 'fig.queue'],
  ['waiting', 'fig.waiting'],
  ['longest', 'fig.longest'],
  ['talking', 'fig.talking'],
  ['states', 'fig.agents'],
  ['offered', 'fig.offered'],
  ['answered', 'fig.answered'],
  ['abandoned', 'fig.abandoned'],
  ['rings-agents', 'fig.rings_agents'],
  ['rings-callers', 'fig.rings_callers'],
  ['service', 'fig.service_level'],
]

export function Queues({ queues, calls, layout }: { queues: Queue[]; calls: WaitingCall[]; layout: Layout }) {
  const { t } = useLanguage()
  return (
    <section className={`queues ${layout}`} style={{ '--n': queues.length } as CSSProperties}>
      {layout === 'rows' && (
        <div className="heads" aria-hidden="true">
          {HEADS.map(([area, key]) => (
            <span key={area} className={`head ${area}`}>
              {t(key)}
            </span>
          ))}
        </div>
      )}
      {queues.map((q) => (
        <QueueView key={q.id} queue={q} calls={calls.filter((c) => c.queue === q.id)} panel={layout === 'panels'} room={queues.length > 2 ? 3 : 5} />
      ))}
    </section>
  )
}
