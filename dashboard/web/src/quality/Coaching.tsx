import { Alert, App as AntApp, Button, DatePicker, Form as AntForm, Input, Modal, Select, Tag } from 'antd'
import { useState } from 'react'
import { Link } from '../app/router'
import { useTitle } from '../i18n'
import { problemOf, request, type Session } from '../pages/api'
import { QualityTabs } from './Tabs'
import { useQuality } from './text'
import { useHouseWords, useRead } from './useQualityData'

interface Coached {
  id: string
  agent: string
  evaluation: string
  owner: string
  text: string
  due: string
  by: string
  at: string
  notes: { at: string; by: string; text: string }[] | null
  done_at?: string
  done_by: string
}

/** What was agreed with agents, by when, and what came of it; agents see their own. ?agent=&evaluation= begins one. */
export default function Coaching({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { q } = useQuality()
  const house = useHouseWords()
  const { value, problem, again } = useRead<{ coaching: Coached[] }>('/qa/coaching?limit=300', onSignedOut)
  const staff = session.role !== 'agent'
  const [adding, setAdding] = useState(() => staff && new URLSearchParams(window.location.search).has('agent'))
  const [about, setAbout] = useState<Coached | null>(null)
  useTitle(q('coaching'))
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: house.zone, dateStyle: 'short' }).format(Date.now())
  return (
    <main className="desk-page quality">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{q('coaching')}</h1>
        {staff && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {q('coach.new')}
          </Button>
        )}
      </div>
      {problem && <Alert className="qa-alert" type="error" title={q('failed', { detail: problem.message })} action={<Button onClick={again}>{q('retry')}</Button>} />}
      {value?.coaching.length === 0 && <p className="dim">{q('coach.none')}</p>}
      {value?.coaching.map((c) => (
        <article key={c.id} className="panel coach" aria-label={house.agent(c.agent)}>
          <header>
            <h2>{house.agent(c.agent)}</h2>
            {c.done_at ? <Tag color="green">{q('coach.isDone')}</Tag> : <Tag color={c.due < today ? 'red' : 'blue'}>{`${q('coach.due')} ${c.due}`}</Tag>}
            <span className="dim">
              {q('coach.owner')} {c.owner}
            </span>
            {c.evaluation && <Link href={`/qa/evaluations/${c.evaluation}`}>{q('evaluations')}</Link>}
          </header>
          <p>{c.text}</p>
          <ul className="remarks">
            {(c.notes ?? []).map((n) => (
              <li key={n.at}>
                <span className="num dim">{house.time(n.at)}</span>
                <p>
                  {n.text} <small className="dim">{n.by}</small>
                </p>
              </li>
            ))}
          </ul>
          {staff && !c.done_at && <Button onClick={() => setAbout(c)}>{q('coach.follow')}</Button>}
        </article>
      ))}
      {adding && (
        <New
          me={session.name}
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false)
            again()
          }}
        />
      )}
      {about && (
        <Follow
          id={about.id}
          onClose={() => setAbout(null)}
          onDone={() => {
            setAbout(null)
            again()
          }}
        />
      )}
    </main>
  )
}

function New({ me, onClose, onDone }: { me: string; onClose: () => void; onDone: () => void }) {
  const { q } = useQuality()
  const house = useHouseWords()
  const asked = new URLSearchParams(window.location.search)
  const [agent, setAgent] = useState(asked.get('agent') ?? '')
  const [text, setText] = useState('')
  const [owner, setOwner] = useState(me)
  const [due, setDue] = useState('')
  const [refused, setRefused] = useState('')
  const add = () =>
    request('POST', '/qa/coaching', { agent, evaluation: asked.get('evaluation') ?? '', owner, text, due })
      .then(onDone)
      .catch((e: unknown) => setRefused(problemOf(e).message))
  return (
    <Modal open title={q('coach.new')} okText={q('coach.new')} cancelText={q('cancel')} onCancel={onClose} onOk={() => void add()} okButtonProps={{ disabled: !agent || !text.trim() || !due }}>
      {refused && <Alert type="error" title={refused} className="qa-alert" />}
      <AntForm layout="vertical">
        <AntForm.Item label={q('agent')} htmlFor="coach-agent">
          <Select id="coach-agent" value={agent || undefined} onChange={setAgent} options={house.agents.map((a) => ({ value: a.id, label: a.name }))} showSearch={{ optionFilterProp: 'label' }} />
        </AntForm.Item>
        <AntForm.Item label={q('coach.text')} htmlFor="coach-text">
          <Input.TextArea id="coach-text" value={text} maxLength={4000} rows={3} onChange={(e) => setText(e.target.value)} />
        </AntForm.Item>
        <AntForm.Item label={q('coach.owner')} htmlFor="coach-owner">
          <Input id="coach-owner" value={owner} onChange={(e) => setOwner(e.target.value)} />
        </AntForm.Item>
        <AntForm.Item label={q('coach.due')} htmlFor="coach-due">
          <DatePicker id="coach-due" onChange={(_, day) => setDue(typeof day === 'string' ? day : '')} />
        </AntForm.Item>
      </AntForm>
    </Modal>
  )
}

function Follow({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => void }) {
  const { q } = useQuality()
  const { message } = AntApp.useApp()
  const [text, setText] = useState('')
  const send = (done: boolean) =>
    request('POST', `/qa/coaching/${id}/notes`, { text, done })
      .then(onDone)
      .catch((e: unknown) => void message.error(problemOf(e).message))
  return (
    <Modal
      open
      title={q('coach.follow')}
      onCancel={onClose}
      footer={[
        <Button key="no" onClick={onClose}>
          {q('cancel')}
        </Button>,
        <Button key="done" disabled={!text.trim()} onClick={() => void send(true)}>
          {q('coach.done')}
        </Button>,
        <Button key="add" type="primary" disabled={!text.trim()} onClick={() => void send(false)}>
          {q('coach.add')}
        </Button>,
      ]}
    >
      <Input.TextArea aria-label={q('coach.follow')} value={text} maxLength={4000} rows={3} onChange={(e) => setText(e.target.value)} autoFocus />
    </Modal>
  )
}
