import { Alert, Button, Checkbox, Segmented, Tag } from 'antd'
import { useState } from 'react'
import { useTitle } from '../i18n'
import type { Session } from '../pages/api'
import { QualityTabs } from '../quality/Tabs'
import { useRead } from '../quality/useQualityData'
import type { Task } from './data'
import { TaskTable } from './TaskTable'
import { useSampling } from './text'
import './sampling.css'

/** What a scorer has to judge, what is due first before the rest. */
export default function Tasks({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { s } = useSampling()
  const [whose, setWhose] = useState(session.role === 'qa' ? 'mine' : 'all')
  const [open, setOpen] = useState(true)
  const { value, problem, again } = useRead<{ tasks: Task[] }>(`/qa/tasks?limit=500${whose === 'mine' ? `&scorer=${encodeURIComponent(session.name)}` : ''}${open ? '&open=true' : ''}`, onSignedOut)
  useTitle(s('tasks'))
  const waiting = (value?.tasks ?? []).filter((t) => t.state === 'open' || t.state === 'begun')
  const overdue = waiting.filter((t) => t.overdue).length
  return (
    <main className="desk-page quality sampling">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{s('tasks')}</h1>
        <Segmented
          aria-label={s('task.scorer')}
          value={whose}
          onChange={(v) => setWhose(String(v))}
          options={[
            { value: 'mine', label: s('tasks.mine') },
            { value: 'all', label: s('tasks.all') },
          ]}
        />
        <Checkbox checked={open} onChange={(e) => setOpen(e.target.checked)}>
          {s('tasks.open')}
        </Checkbox>
        <span>
          {waiting.length > 0 && <Tag color="blue">{s('tasks.openN', { n: waiting.length })}</Tag>}
          {overdue > 0 && <Tag color="red">{s('tasks.overdueN', { n: overdue })}</Tag>}
        </span>
      </div>
      {problem && <Alert className="qa-alert" type="error" title={s('failed', { detail: problem.message })} action={<Button onClick={again}>{s('retry')}</Button>} />}
      <TaskTable tasks={value?.tasks ?? []} session={session} onChanged={again} loading={!value && !problem} own={whose === 'mine'} />
    </main>
  )
}
