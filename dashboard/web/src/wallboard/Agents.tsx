import { memo, type CSSProperties } from 'react'
import { useTickNow } from '../app/hooks'
import { useLanguage } from '../i18n'
import { RONA, ringNow, type RingLevel } from '../rings'
import { duration } from '../time'
import { tapeText } from '../tape'
import type { Agent, Queue, Ring } from '../wire'
import { StateIcon } from './icons'

export function Since({ since }: { since: number | null }) {
  const now = useTickNow()
  return <>{since === null ? '' : duration(now - since)}</>
}

/**
 * Three segments, one for each ring allowed, that fill over the cadence. The
 * filling is an animation that began when the phone did, so it needs no ticks.
 */
function RingBar({ ring, elapsed }: { ring: Ring; elapsed: number }) {
  return (
    <span className="ringbar" aria-hidden="true">
      {Array.from({ length: ring.limit }, (_, i) => (
        <span key={i} className="seg" style={{ '--on': ring.onMs / ring.cycleMs } as CSSProperties}>
          <i style={{ animationDuration: `${ring.cycleMs}ms`, animationDelay: `${i * ring.cycleMs - elapsed}ms` }} />
        </span>
      ))}
    </span>
  )
}

const StillRingBar = memo(RingBar, (a, b) => a.ring.since === b.ring.since && a.ring.cycleMs === b.ring.cycleMs)

function tileLevel(agent: Agent, now: number): { level: RingLevel | ''; n: number; elapsed: number } {
  if (agent.ring) return ringNow(agent.ring, now)
  // Just missed: the tile keeps calling for attention for a while.
  if (agent.state === 'not_ready' && agent.reason === RONA) return { level: 'over', n: 0, elapsed: 0 }
  return { level: '', n: 0, elapsed: 0 }
}

function Tile({ agent, queue }: { agent: Agent; queue: Queue | undefined }) {
  const { t, lang, word, name } = useLanguage()
  const now = useTickNow()
  const { level, n, elapsed } = tileLevel(agent, now)
  const reason = (lang === 'en' ? agent.reasonNameEn : agent.reasonName) || (agent.reason && word('reason', agent.reason))
  const missed = level === 'over' && !agent.ring
  const fresh = missed && agent.since !== null && now - agent.since < 15_000

  let label = word('state', agent.state)
  if (agent.ring) label = level === 'over' ? t('ring.over') : t('ring.n', { n })
  else if (missed) label = t('ring.missed')
  else if (agent.state === 'not_ready' && reason) label = reason

  let detail = ''
  if (agent.ring) detail = '' // the ring's number has that place
  else if (agent.pending) {
    const next = agent.pending.state === 'not_ready' && agent.pending.reason ? word('reason', agent.pending.reason) : word('state', agent.pending.state)
    detail = `→ ${next}`
  } else if (agent.state === 'ready' && agent.phone === 'offline') detail = t('phone.offline')
  else if (agent.state === 'ready' && agent.phone === 'in_use') detail = t('phone.in_use')
  else if (agent.talk?.tape.state === 'muted') detail = tapeText(lang, 'tile')
  else if (queue && agent.state === 'on_call') detail = name(queue)

  return (
    <li
      className={`tile s-${agent.state}${level ? ` ring-${level}` : ''}${missed && !fresh ? ' settled' : ''}`}
      data-agent={agent.id}
      data-level={level || undefined}
      title={[agent.id, queue && agent.state === 'on_call' && name(queue), agent.caller].filter(Boolean).join(' · ')}
    >
      <span className="tile-line">
        <span className="tile-name">{name(agent)}</span>
        <span className="tile-time num">
        {agent.ring ? <b className="ringno">{level === 'over' ? `${ringNow(agent.ring, now).n}!` : n}</b> : agent.state === 'logged_out' ? null : <Since since={agent.since} />}
        </span>
      </span>
      <span className="tile-line">
        <span className="tile-state">
          <StateIcon state={agent.ring || missed ? 'reserved' : agent.state} />
          <span className="tile-label">{label}</span>
        </span>
        <span className={agent.talk?.tape.state === 'muted' ? 'tile-detail tape' : 'tile-detail'}>{detail}</span>
      </span>
      {agent.ring && <StillRingBar ring={agent.ring} elapsed={elapsed} />}
    </li>
  )
}

const StillTile = memo(Tile)

export function Agents({ agents, queues, columns }: { agents: Agent[]; queues: Queue[]; columns: number }) {
  const { t } = useLanguage()
  if (agents.length === 0) {
    return (
      <section className="agents none">
        <p className="empty-title">{t('agents.none')}</p>
        <p className="empty-hint">{t('agents.none.hint')}</p>
      </section>
    )
  }
  const rows = Math.ceil(agents.length / columns)
  return (
    <section className="agents" aria-label={t('agents.title')}>
      <ul className={rows > 3 ? 'tiles dense' : rows < 3 ? 'tiles roomy' : 'tiles'} style={{ '--cols': columns, '--rows': rows } as CSSProperties}>
        {agents.map((a) => (
          <StillTile key={a.id} agent={a} queue={queues.find((q) => q.id === a.queue)} />
        ))}
      </ul>
    </section>
  )
}
