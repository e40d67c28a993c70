import { Button } from 'antd'
import { useTickNow } from '../app/hooks'
import { useLanguage } from '../i18n'
import { clock, duration, percent } from '../time'
import { high, longestWait } from '../wallboard/levels'
import type { Queue } from '../wire'
import { meanTalk, type Desk, type Waiting } from './deskData'
import type { Act, Ask } from './DeskWork'

/** The agent's own figures of today. */
export function DeskFigures({ desk }: { desk: Desk }) {
  const { t } = useLanguage()
  const { today } = desk.agent
  const mean = meanTalk(desk)
  const none = t('fig.none')
  return (
    <section className="my-card">
      <h2>{t('desk.today')}</h2>
      <dl className="my-figures num">
        <Figure name={t('fig.answered')} value={String(today.answered)} id="answered" />
        <Figure name={t('desk.rings')} value={today.rung ? `${percent(today.rungWithin / today.rung)}%` : none} id="rings" />
        <Figure name={t('desk.mean')} value={mean === null ? none : duration(mean)} id="mean" />
        <Figure name={t('offer.missed')} value={String(today.missed)} id="missed" />
      </dl>
    </section>
  )
}

function Figure({ name, value, id }: { name: string; value: string; id: string }) {
  return (
    <div data-figure={id}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Line({ queue }: { queue: Queue }) {
  const { t, name } = useLanguage()
  const wait = longestWait(queue, useTickNow())
  const level = wait === null ? 'ok' : high(wait, queue.thresholds.waitWarnMs, queue.thresholds.waitAlarmMs)
  return (
    <li data-queue={queue.id}>
      <span>{name(queue)}</span>
      <span className={`num ${level === 'ok' ? 'dim' : level === 'warn' ? 'amber' : 'red'}`}>
        {queue.waiting > 0 ? `${t('fig.waiting')} ${queue.waiting} · ${wait === null ? '' : duration(wait)}` : queue.closed ? t('duty.closed') : t('line.empty')}
      </span>
    </li>
  )
}

/** Who waits in the agent's queues. */
export function DeskQueues({ queues }: { queues: Queue[] }) {
  const { t } = useLanguage()
  return (
    <section className="my-card">
      <h2>{t('desk.queues')}</h2>
      <ul className="my-lines">
        {queues.map((q) => (
          <Line key={q.id} queue={q} />
        ))}
      </ul>
    </section>
  )
}

export function Place({ idle, onPlace }: { idle: boolean; onPlace: () => void }) {
  const { t } = useLanguage()
  return (
    <Button className="my-place" size="large" disabled={!idle} onClick={onPlace} title={idle ? undefined : t('desk.place.hint')}>
      {t('deed.place')} <kbd>P</kbd>
    </Button>
  )
}

/** Call-backs and messages that wait in the agent's queues. */
export function DeskWaiting({ desk, idle, busy, zone, queueName, act, ask }: { desk: Desk; idle: boolean; busy: boolean; zone: string; queueName: (id: string) => string; act: Act; ask: Ask }) {
  const { t } = useLanguage()
  const { callbacks, cases, agent } = desk
  const time = (w: Waiting) => (w.at === null ? '' : clock(w.at, zone).slice(0, 5))
  const call = (w: Waiting) => void act(() => ask('POST', `/agents/${encodeURIComponent(agent.id)}/calls`, { case: w.id }))
  const close = (w: Waiting) => void act(() => ask('POST', `/cases/${encodeURIComponent(w.id)}/close`, {}))
  const away = agent.state === 'not_ready' || agent.state === 'logged_out'
  return (
    <section className="my-card my-waiting">
      <h2>
        {t('desk.waiting')} <span className="num dim">{callbacks.length + cases.length}</span>
      </h2>
      <ul className="my-list">
        {cases.map((w) => (
          <li key={w.id} data-case={w.id}>
            <span>
              <b className="num">{w.caller || t('desk.hidden')}</b>
              <small>
                <span className="num">{time(w)}</span> · {t('desk.message')} · {queueName(w.queue)}
              </small>
            </span>
            <Button size="small" type="primary" disabled={busy || !idle || w.caller === ''} title={idle ? undefined : t('desk.place.hint')} onClick={() => call(w)}>
              {t('desk.call')}
            </Button>
            <Button size="small" disabled={busy} onClick={() => close(w)}>
              {t('duty.done')}
            </Button>
          </li>
        ))}
        {callbacks.map((w) => (
          <li key={w.id} data-callback={w.id}>
            <span>
              <b className="num">{w.caller}</b>
              <small>
                <span className="num">{time(w)}</span> · {t('desk.callback')} · {queueName(w.queue)}
                {w.attempts > 0 && ` · ${t('desk.attempts', { n: w.attempts })}`}
                {w.nextAt !== null && <span className="num"> · {t('desk.next', { time: clock(w.nextAt, zone).slice(0, 5) })}</span>}
              </small>
            </span>
          </li>
        ))}
        {callbacks.length + cases.length === 0 && <li className="dim">{t('desk.waiting.none')}</li>}
      </ul>
      {callbacks.length > 0 && (
        <p className="my-hint">
          {t('desk.callback.hint')}
          {away && (
            <Button size="small" type="link" disabled={busy} onClick={() => void act(() => ask('POST', `/agents/${encodeURIComponent(agent.id)}/state`, { state: 'ready' }))}>
              {t('desk.callback.take')}
            </Button>
          )}
        </p>
      )}
    </section>
  )
}
