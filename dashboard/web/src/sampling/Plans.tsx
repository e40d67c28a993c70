import { Alert, App as AntApp, Button, Progress, Tag } from 'antd'
import { useState } from 'react'
import { Link } from '../app/router'
import { useTitle } from '../i18n'
import { problemOf, request, type Session } from '../pages/api'
import { QualityTabs } from '../quality/Tabs'
import { useHouseWords, useRead } from '../quality/useQualityData'
import { bodyOf, daysOf, NEW_PLAN, stateOf, type Draw, type Plan } from './data'
import { PlanModal } from './PlanModal'
import { useSampling } from './text'
import './sampling.css'

/** Which recordings are listened to: plans, and of each the periods with their promises and draws. */
export default function Plans({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { s, sw } = useSampling()
  const { message } = AntApp.useApp()
  const { value, problem, again } = useRead<{ plans: Plan[] }>('/qa/plans', onSignedOut)
  const [editing, setEditing] = useState<Plan | 'new' | null>(null)
  useTitle(s('plans'))

  const end = (p: Plan, ended: boolean) =>
    request<Plan>('PUT', `/qa/plans/${p.id}`, { ...bodyOf(p), version: p.version, ended })
      .then((next) => {
        again()
        if (!ended) return
        const key = `end-${p.id}`
        const undo = () => {
          message.destroy(key)
          void end(next, false)
        }
        void message.open({
          key,
          type: 'info',
          duration: 8,
          content: (
            <span>
              {s('plan.endedNow', { name: p.name })}{' '}
              <Button size="small" type="link" onClick={undo}>
                {s('plan.undo')}
              </Button>
            </span>
          ),
        })
      })
      .catch((e: unknown) => message.error(problemOf(e).message))

  return (
    <main className="desk-page quality sampling">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{s('plans')}</h1>
        <Button type="primary" onClick={() => setEditing('new')}>
          {s('plan.new')}
        </Button>
      </div>
      {problem && <Alert className="qa-alert" type="error" title={s('failed', { detail: problem.message })} action={<Button onClick={again}>{s('retry')}</Button>} />}
      {value?.plans.length === 0 && <p className="dim">{s('plans.none')}</p>}
      {value?.plans.map((p) => (
        <section key={p.id} className={`panel plan${p.ended_at ? ' ended' : ''}`} aria-labelledby={`plan-${p.id}`}>
          <header>
            <div>
              <h2 id={`plan-${p.id}`}>
                {p.name} {p.ended_at && <Tag>{s('plan.ended')}</Tag>}
              </h2>
              <p className="dim">
                {s('plan.summary', { per: sw('per', p.per), n: p.count, targets: p.targets.length ? s('plan.summary.targets', { n: p.targets.length }) : '' })}
                {p.blind && ` · ${s('task.blind')}`} · {s('plan.version', { n: p.version })}
              </p>
            </div>
            <span className="plan-actions">
              <Button onClick={() => setEditing(p)}>{s('plan.edit')}</Button>
              <Button onClick={() => void end(p, !p.ended_at)}>{s(p.ended_at ? 'plan.resume' : 'plan.end')}</Button>
            </span>
          </header>
          <ul className="draws">
            {p.draws.map((d) => (
              <DrawLine key={d.id} d={d} ended={Boolean(p.ended_at)} onDrawn={again} />
            ))}
          </ul>
        </section>
      ))}
      {editing && (
        <PlanModal
          plan={editing === 'new' ? { ...NEW_PLAN } : editing}
          version={editing === 'new' ? 0 : editing.version}
          id={editing === 'new' ? '' : editing.id}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null)
            again()
          }}
          onSignedOut={onSignedOut}
        />
      )}
    </main>
  )
}

function DrawLine({ d, ended, onDrawn }: { d: Draw; ended: boolean; onDrawn: () => void }) {
  const { s } = useSampling()
  const { message } = AntApp.useApp()
  const house = useHouseWords()
  const [busy, setBusy] = useState(false)
  const state = stateOf(d, Date.now())
  const draw = () => {
    setBusy(true)
    request<Draw>('POST', `/qa/draws/${d.id}/draw`, {})
      .then((made) => {
        void message.success(s('draw.made', { n: made.population }))
        onDrawn()
      })
      .catch((e: unknown) => message.error(problemOf(e).message))
      .finally(() => setBusy(false))
  }
  return (
    <li className={state}>
      <span className="num nowrap">{daysOf(d, house.zone)}</span>
      {state === 'drawn' ? (
        <span>
          {s('draw.drawn')} <span className="num">{house.time(d.drawn_at)}</span> {d.by ? s('draw.by', { who: d.by }) : s('draw.clock')} · {s('draw.population')} <span className="num">{d.population}</span>
          {d.tasks > 0 && <Progress size="small" percent={Math.round((100 * d.done) / d.tasks)} aria-label={s('fulfilment')} format={() => `${s('draw.scored', { done: d.done, of: d.tasks })}${d.overdue ? ` · ${s('tasks.overdueN', { n: d.overdue })}` : ''}`} />}
        </span>
      ) : (
        <span className="dim">
          {s(`draw.${state}`)} · <code title={d.commitment}>{d.commitment.slice(0, 12)}…</code>
        </span>
      )}
      {state === 'drawn' && <Link href={`/qa/draws/${d.id}`}>{s('draw.open')}</Link>}
      {state === 'due' && !ended && (
        <Button size="small" type="primary" loading={busy} onClick={draw}>
          {s('draw.now')}
        </Button>
      )}
    </li>
  )
}
