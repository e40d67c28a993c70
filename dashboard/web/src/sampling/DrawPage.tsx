import { Alert, App as AntApp, Button, Progress, Tag } from 'antd'
import { Link } from '../app/router'
import { useTitle } from '../i18n'
import type { Session } from '../pages/api'
import { QualityTabs } from '../quality/Tabs'
import { useHouseWords, useRead } from '../quality/useQualityData'
import { daysOf, type DrawPage as Page } from './data'
import { Shares } from './Shares'
import { TaskTable } from './TaskTable'
import { useSampling } from './text'
import './sampling.css'

/** A draw: how far its tasks are, and what proves that nobody chose them. */
export default function DrawPage({ id, session, onSignedOut }: { id: string; session: Session; onSignedOut: () => void }) {
  const { s } = useSampling()
  const house = useHouseWords()
  const { value, problem, again } = useRead<Page>(`/qa/draws/${id}`, onSignedOut)
  useTitle(value?.plan.name ?? s('plans'))
  const d = value?.draw
  const total = value?.fulfilment.total
  const all = total ? total.chance + total.target : 0
  return (
    <main className="desk-page quality sampling">
      <QualityTabs role={session.role} />
      {problem && <Alert className="qa-alert" type="error" title={s('failed', { detail: problem.message })} action={<Button onClick={again}>{s('retry')}</Button>} />}
      {value && d && total && (
        <>
          <div className="desk-head">
            <h1>
              <Link href="/qa/plans">{value.plan.name}</Link> <small className="num dim">{daysOf(d, house.zone)}</small>
            </h1>
          </div>
          <section className="panel overall" aria-label={s('fulfilment')}>
            <Progress type="circle" size={96} percent={all ? Math.round((100 * total.done) / all) : 0} aria-label={s('fulfilment')} />
            <dl>
              <Fact name={s('draw.population')} value={`${d.population}`} more={d.unheard > 0 ? s('draw.unheard', { n: d.unheard }) : ''} />
              <Fact name={s('share.chance')} value={`${total.chance}`} more={total.asked > total.chance ? s('share.asked', { n: total.asked }) : ''} />
              <Fact name={s('share.target')} value={`${total.target}`} />
              <Fact name={s('share.done')} value={`${total.done}`} />
              <Fact name={s('share.overdue')} value={`${total.overdue}`} bad={total.overdue > 0} />
              <Fact name={s('share.dropped')} value={`${total.dropped}`} />
            </dl>
          </section>
          <div className="cols">
            <Shares title={s('fulfilment.agents')} shares={value.fulfilment.agents} nameOf={house.agent} />
            <Shares title={s('fulfilment.scorers')} shares={value.fulfilment.scorers} nameOf={(who) => who || s('share.nobody')} />
          </div>
          <section className="panel proof" aria-label={s('draw.proof')}>
            <h2>
              {s('draw.proof')} {d.late && <Tag color="orange">{s('draw.late')}</Tag>}
            </h2>
            <Hash name={`${s('draw.commitment')} · ${s('draw.committed')} ${house.time(d.committed_at)}`} value={d.commitment} />
            <Hash name={`${s('draw.seed')} · ${s('draw.drawn')} ${house.time(d.drawn_at)}`} value={d.seed} absent={s('draw.seed.secret')} />
            <p className="dim">{s('draw.proof.how')}</p>
            {d.drawn_at && <Button href={`/api/v1/qa/draws/${d.id}/file`}>{s('draw.file')}</Button>}
          </section>
          <TaskTable tasks={value.tasks} session={session} onChanged={again} />
        </>
      )}
    </main>
  )
}

function Fact({ name, value, more = '', bad = false }: { name: string; value: string; more?: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={`num${bad ? ' fatal' : ''}`}>
        {value} {more && <small className="dim">{more}</small>}
      </dd>
    </div>
  )
}

function Hash({ name, value, absent = '' }: { name: string; value: string; absent?: string }) {
  const { s } = useSampling()
  const { message } = AntApp.useApp()
  const copy = () =>
    void navigator.clipboard
      .writeText(value)
      .then(() => message.success(s('draw.copied')))
      .catch(() => undefined)
  return (
    <div className="hash">
      <span className="dim">{name}</span>
      {value ? <code>{value}</code> : <i className="dim">{absent}</i>}
      {value && (
        <Button size="small" type="text" onClick={copy} aria-label={`${s('draw.copy')} ${name}`}>
          {s('draw.copy')}
        </Button>
      )}
    </div>
  )
}
