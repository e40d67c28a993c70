import { App as AntApp, Button, Grid, Input, Modal, Table, Tag, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { Link } from '../app/router'
import { problemOf, request, type Session } from '../pages/api'
import { useHouseWords } from '../quality/useQualityData'
import type { Task } from './data'
import { useSampling } from './text'

const COLOURS: Record<string, string> = { open: 'default', begun: 'blue', done: 'green', dropped: 'default' }

/** Tasks with what can be done about each. */
export function TaskTable({ tasks, session, onChanged, loading = false, own = false }: { tasks: Task[]; session: Session; onChanged: () => void; loading?: boolean; own?: boolean }) {
  const { s, sw } = useSampling()
  const house = useHouseWords()
  const narrow = !Grid.useBreakpoint().md
  const [about, setAbout] = useState<{ task: Task; what: 'hand' | 'drop' } | null>(null)
  const agent = (t: Task) => (t.agent ? house.agent(t.agent) : <Tag>{s('task.blind')}</Tag>)
  const mine = (t: Task) => t.scorer === session.name || t.scorer === ''
  const mayDrop = (t: Task) => session.role === 'supervisor' || mine(t)

  const columns: TableColumnsType<Task> = [
    ...(narrow ? [] : ([{ title: s('task.due'), key: 'due', render: (_: unknown, t: Task) => <Due t={t} /> }] as TableColumnsType<Task>)),
    {
      title: s('task.call'),
      key: 'call',
      render: (_, t) => (
        <span className="two">
          <Link href={`/recordings/${encodeURIComponent(t.call)}`} className="num">
            {t.call_at ? house.time(t.call_at) : t.call}
          </Link>
          {narrow && <small className="dim">{agent(t)}</small>}
          {narrow && (
            <small>
              {s('task.due')} <Due t={t} />
            </small>
          )}
        </span>
      ),
    },
    ...(narrow ? [] : ([{ title: s('task.agent'), key: 'agent', render: (_: unknown, t: Task) => agent(t) }] as TableColumnsType<Task>)),
    {
      title: s('task.reason'),
      key: 'reason',
      render: (_, t) => (
        <span className="two">
          <span>
            <Tag color={t.reason === 'random' ? 'cyan' : 'gold'}>{sw('reason', t.reason)}</Tag>
          </span>
          {t.replaces && <small className="dim">{s('task.replaces')}</small>}
          {narrow && <StateTags t={t} />}
        </span>
      ),
    },
    ...(narrow || own ? [] : ([{ title: s('task.scorer'), key: 'scorer', render: (_: unknown, t: Task) => t.scorer || <span className="fatal">{s('share.nobody')}</span> }] as TableColumnsType<Task>)),
    ...(narrow ? [] : ([{ title: s('task.state'), key: 'state', render: (_: unknown, t: Task) => <StateTags t={t} /> }] as TableColumnsType<Task>)),
    {
      key: 'do',
      align: 'right',
      render: (_, t) => (
        <span className="task-actions">
          {t.state === 'open' && mine(t) && <Link href={`/qa/evaluations?task=${t.id}`}>{s('task.go')}</Link>}
          {t.state === 'begun' && mine(t) && <Link href={`/qa/evaluations/${t.evaluation}`}>{s('task.on')}</Link>}
          {t.state === 'done' && <Link href={`/qa/evaluations/${t.evaluation}`}>{s('task.look')}</Link>}
          {t.state === 'open' && (
            <Button size="small" type="text" onClick={() => setAbout({ task: t, what: 'hand' })}>
              {s('task.hand')}
            </Button>
          )}
          {(t.state === 'open' || t.state === 'begun') && mayDrop(t) && (
            <Button size="small" type="text" onClick={() => setAbout({ task: t, what: 'drop' })}>
              {s('task.drop')}
            </Button>
          )}
        </span>
      ),
    },
  ]
  return (
    <>
      <Table<Task> className="qa-below" rowKey="id" columns={columns} dataSource={tasks} loading={loading} pagination={tasks.length > 50 ? { pageSize: 50, showSizeChanger: false } : false} locale={{ emptyText: s('tasks.none') }} />
      {about && <About {...about} onClose={() => setAbout(null)} onChanged={onChanged} />}
    </>
  )
}

function Due({ t }: { t: Task }) {
  return <span className={`num nowrap${t.overdue ? ' fatal' : ''}`}>{t.due}</span>
}

function StateTags({ t }: { t: Task }) {
  const { s, sw } = useSampling()
  return (
    <span className="two">
      <span>
        <Tag color={COLOURS[t.state] ?? 'default'}>{sw('state', t.state)}</Tag>
        {t.overdue && <Tag color="red">{s('task.overdue')}</Tag>}
      </span>
      {t.state === 'dropped' && (
        <small className="dim">
          {t.dropped_by}: {t.dropped_why}
        </small>
      )}
    </span>
  )
}

/** Hands a task on, or gives it up. */
function About({ task, what, onClose, onChanged }: { task: Task; what: 'hand' | 'drop'; onClose: () => void; onChanged: () => void }) {
  const { s } = useSampling()
  const { message } = AntApp.useApp()
  const [text, setText] = useState('')
  const go = () =>
    request('POST', `/qa/tasks/${task.id}/${what === 'hand' ? 'scorer' : 'drop'}`, what === 'hand' ? { scorer: text.trim() } : { reason: text })
      .then(() => {
        onClose()
        onChanged()
      })
      .catch((e: unknown) => void message.error(problemOf(e).message))
  return (
    <Modal open title={s(what === 'hand' ? 'task.hand' : 'task.drop')} okText={s(what === 'hand' ? 'task.hand' : 'task.drop')} cancelText={s('cancel')} onCancel={onClose} onOk={() => void go()} okButtonProps={{ disabled: !text.trim() }}>
      <label htmlFor="task-text" className="stacked">
        {s(what === 'hand' ? 'task.hand.to' : 'task.drop.why')}
      </label>
      {what === 'hand' ? <Input id="task-text" value={text} onChange={(e) => setText(e.target.value)} onPressEnter={() => void go()} autoFocus /> : <Input.TextArea id="task-text" value={text} maxLength={1000} onChange={(e) => setText(e.target.value)} autoFocus />}
      {what === 'drop' && <p className="dim">{s('task.drop.what')}</p>}
    </Modal>
  )
}

