import { Alert, Button, Form as AntForm, Grid, Input, Modal, Select, Table, Tag, type TableColumnsType } from 'antd'
import { useEffect, useState } from 'react'
import { Link, navigate } from '../app/router'
import { useTitle } from '../i18n'
import { problemOf, request, type Session } from '../pages/api'
import { shown, type Evaluation, type Form } from './data'
import { QualityTabs } from './Tabs'
import { useQuality } from './text'
import { useHouseWords, useRead } from './useQualityData'

const STATES = ['draft', 'submitted', 'read', 'signed', 'appealed', 'rescored', 'decided']
const COLOURS: Record<string, string> = { draft: 'default', submitted: 'blue', read: 'cyan', signed: 'green', appealed: 'orange', rescored: 'gold', decided: 'green' }

export function StateTag({ e }: { e: Evaluation }) {
  const { q, qw } = useQuality()
  return (
    <>
      <Tag color={COLOURS[e.state] ?? 'default'}>{qw('state', e.state)}</Tag>
      {e.overdue && <Tag color="red">{q('overdue')}</Tag>}
    </>
  )
}

/** Evaluations: those of all for who scores, their own for agents. ?task= or ?call=&agent= begins one. */
export default function Evaluations({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { q, qw } = useQuality()
  const house = useHouseWords()
  const [state, setState] = useState('')
  const { value, problem, again } = useRead<{ evaluations: Evaluation[] }>(`/qa/evaluations?limit=200${state && `&state=${state}`}`, onSignedOut)
  const [asking, setAsking] = useState(() => new URLSearchParams(window.location.search).has('call') && session.role !== 'agent')
  const [refused, setRefused] = useState('')
  const narrow = !Grid.useBreakpoint().md
  const staff = session.role !== 'agent'
  useTitle(q(staff ? 'evaluations' : 'mine'))

  const task = new URLSearchParams(window.location.search).get('task')
  useEffect(() => {
    if (!task) return
    request<Evaluation>('POST', '/qa/evaluations', { task })
      .then((e) => navigate(`/qa/evaluations/${e.id}`, true))
      .catch((e: unknown) => setRefused(problemOf(e).message))
  }, [task])

  const columns: TableColumnsType<Evaluation> = [
    {
      title: q('call'),
      key: 'call',
      render: (_, e) => (
        <span className="two">
          <Link href={`/qa/evaluations/${e.id}`} className="num">
            {house.time(e.call_at)}
          </Link>
          <small className="dim">{narrow ? `${house.agent(e.agent)} · ${qw('origin', e.origin)}` : qw('origin', e.origin)}</small>
        </span>
      ),
    },
    ...(narrow
      ? []
      : ([
          { title: q('agent'), key: 'agent', render: (_: unknown, e: Evaluation) => house.agent(e.agent) },
          { title: q('scorer'), dataIndex: 'scorer', key: 'scorer' },
        ] as TableColumnsType<Evaluation>)),
    { title: q('state'), key: 'state', render: (_, e) => <StateTag e={e} /> },
    {
      title: q('score'),
      key: 'score',
      align: 'right',
      render: (_, e) => (e.hidden ? <span className="dim" title={q('hidden')}>•••</span> : <b className={`num${e.fatal.length > 0 ? ' fatal' : ''}`}>{shown(e.score)}</b>),
    },
  ]
  return (
    <main className="desk-page quality">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{q(staff ? 'evaluations' : 'mine')}</h1>
        <Select className="choice" aria-label={q('state')} value={state} onChange={setState} options={[{ value: '', label: q('all') }, ...STATES.map((s) => ({ value: s, label: qw('state', s) }))]} />
        {staff && (
          <Button type="primary" onClick={() => setAsking(true)}>
            {q('begin')}
          </Button>
        )}
      </div>
      {(problem || refused) && <Alert className="qa-alert" type="error" title={refused || q('failed', { detail: problem?.message ?? '' })} action={<Button onClick={again}>{q('retry')}</Button>} />}
      <Table<Evaluation> rowKey="id" columns={columns} dataSource={value?.evaluations ?? []} loading={!value && !problem} pagination={false} locale={{ emptyText: q('none') }} />
      {asking && <Begin onClose={() => setAsking(false)} onSignedOut={onSignedOut} />}
    </main>
  )
}

function Begin({ onClose, onSignedOut }: { onClose: () => void; onSignedOut: () => void }) {
  const { q, both } = useQuality()
  const house = useHouseWords()
  const { value } = useRead<{ forms: Form[] }>('/qa/forms', onSignedOut)
  const asked = new URLSearchParams(window.location.search)
  const [call, setCall] = useState(asked.get('call') ?? '')
  const [agent, setAgent] = useState<string | undefined>(asked.get('agent') ?? undefined)
  const newest = (value?.forms ?? []).filter((f, i, all) => f.published_at && all.findIndex((o) => o.id === f.id && o.published_at) === i)
  const [chosen, setChosen] = useState<string>()
  const form = chosen ?? newest[0]?.id
  const [refused, setRefused] = useState('')
  const go = () =>
    request<Evaluation>('POST', '/qa/evaluations', { call: call.trim(), agent: agent ?? '', form: form ?? '' })
      .then((e) => navigate(`/qa/evaluations/${e.id}`))
      .catch((e: unknown) => setRefused(problemOf(e).message))
  return (
    <Modal open title={q('begin')} okText={q('begin.go')} cancelText={q('cancel')} onCancel={onClose} onOk={() => void go()} okButtonProps={{ disabled: !call.trim() || !agent || !form }}>
      <p className="dim">{q('begin.hint')}</p>
      {refused && <Alert type="error" title={refused} className="qa-alert" />}
      <AntForm layout="vertical">
        <AntForm.Item label={q('begin.call')} htmlFor="begin-call">
          <Input id="begin-call" value={call} onChange={(e) => setCall(e.target.value)} autoFocus />
        </AntForm.Item>
        <AntForm.Item label={q('begin.agent')} htmlFor="begin-agent">
          <Select id="begin-agent" value={agent} onChange={setAgent} options={house.agents.map((a) => ({ value: a.id, label: a.name }))} showSearch={{ optionFilterProp: 'label' }} />
        </AntForm.Item>
        <AntForm.Item label={q('begin.form')} htmlFor="begin-form">
          <Select id="begin-form" value={form} onChange={setChosen} options={newest.map((f) => ({ value: f.id, label: both(f.name) }))} />
        </AntForm.Item>
      </AntForm>
    </Modal>
  )
}
