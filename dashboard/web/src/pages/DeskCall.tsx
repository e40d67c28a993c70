import { Button } from 'antd'
import { useTickNow } from '../app/hooks'
import { useLanguage } from '../i18n'
import { ringNow } from '../rings'
import type { Agent, Ring } from '../wire'
import { For } from './agentState'
import { DeskTape } from './DeskTape'
import { customer, PLACES, shownAt, type Deed, type Desk } from './deskData'

/** As many marks as rings are allowed, filled as they ring (R1.3). */
function Rings({ ring }: { ring: Ring }) {
  const { t } = useLanguage()
  const { n, level } = ringNow(ring, useTickNow())
  return (
    <span className={`my-rings ring-${level}`} data-ring={n}>
      <b className="num">{level === 'over' ? t('ring.over') : t('ring.n', { n })}</b>
      <span aria-hidden="true">
        {Array.from({ length: ring.limit }, (_, i) => (
          <i key={i} className={i < n ? 'on' : ''} />
        ))}
      </span>
    </span>
  )
}

/** The present call: whose it is, how long, what holds it, and what can be done. */
export function DeskCall({ desk, can, busy, queueName, agents, begin }: { desk: Desk; can: ReadonlySet<Deed>; busy: boolean; queueName: (id: string) => string; agents: Agent[]; begin: (d: Deed) => void }) {
  const { t, word, name } = useLanguage()
  const { call, talk } = desk
  const x = talk?.consult
  const colleague = agents.find((a) => a.id === x?.agent)
  const why = !call || !talk ? '' : talk.kind === 'consult' ? t('desk.kind.consult') : talk.kind === 'placed' ? t('desk.kind.placed') : call.callback ? t('desk.kind.callback') : t('desk.kind.queue')
  return (
    <section className={`my-card my-call${call ? ' has' : ''}${talk?.ring ? ' rings' : ''}${talk?.heldSince ? ' held' : ''}`} data-call={call?.id ?? ''} aria-live="polite">
      <div className="my-who">
        {call && talk ? (
          <>
            <span className="my-kind">{[why, queueName(call.queue)].filter(Boolean).join(' · ')}</span>
            <span className="my-caller num">
              {customer(call) || t('desk.hidden')}
              {call.name && <em>{call.name}</em>}
              {call.level && <em className="level">{call.level}</em>}
            </span>
            <span className="my-clock">
              {talk.ring ? (
                <Rings ring={talk.ring} />
              ) : talk.since ? (
                <For since={talk.since} />
              ) : (
                <span className="dim">{word('now', call.state)}</span>
              )}
            </span>
          </>
        ) : (
          <span className="my-none">{t('desk.nocall')}</span>
        )}
      </div>
      <p className="my-marks">
        {talk?.heldSince && (
          <em className="amber">
            {t(talk.heldByPhone ? 'desk.held.phone' : 'desk.held')} <For since={talk.heldSince} />
          </em>
        )}
        {talk?.muted && <em className="red">{t('desk.muted')}</em>}
        {x && (
          <em className="blue">
            {t('desk.consulting', { who: colleague ? name(colleague) : x.number || x.agent })} · {word('consult', x.state)} <For since={x.since} />
          </em>
        )}
      </p>
      <DeskTape tape={call?.state === 'talking' && talk && talk.kind !== 'consult' ? talk.tape : null} can={can} busy={busy} begin={begin} />
      <div className="my-deeds">
        {PLACES.map((p) => {
          const d = shownAt(p, can)
          return (
            <Button key={p.key} size="large" danger={d === 'hang_up'} disabled={busy || !can.has(d)} aria-keyshortcuts={p.key} data-deed={d} onClick={() => begin(d)}>
              {t(`deed.${d}`)} <kbd>{p.key.toUpperCase()}</kbd>
            </Button>
          )
        })}
      </div>
    </section>
  )
}
