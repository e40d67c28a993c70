import { Alert, App as AntApp, Button, DatePicker, Drawer, Form as AntForm, Input, Modal, Select, Table, Tag } from 'antd'
import { useState } from 'react'
import { useTitle } from '../i18n'
import { problemOf, request, type Session } from '../pages/api'
import { Player } from '../player/Player'
import { Agreement, type Agreed } from './Agreement'
import { AnswerSheet } from './Answers'
import { fraction, shown, soFar, whole, type Form, type Judgement } from './data'
import { QualityTabs } from './Tabs'
import { useQuality } from './text'
import { useHouseWords, useRead } from './useQualityData'

interface Given {
  at: string
  judgement: Judgement
  scored: { total: string }
}

interface Calibration {
  id: string
  name: string
  call: string
  agent: string
  form: string
  form_version: number
  scorers: string[]
  reference: string
  due: string
  by: string
  closed_at?: string
  given: Record<string, Given>
  answered: string[]
}

/** One call scored by several who do not see each other: who has answered, and how far they agree. */
export default function Calibrations({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { q } = useQuality()
  const { message } = AntApp.useApp()
  const house = useHouseWords()
  const list = useRead<{ calibrations: Calibration[] }>('/qa/calibrations', onSignedOut)
  const forms = useRead<{ forms: Form[] }>('/qa/forms', onSignedOut)
  const agreed = useRead<Agreed>('/qa/agreement?since=2020-01-01', onSignedOut)
  const [open, setOpen] = useState<Calibration | null>(null)
  const [adding, setAdding] = useState(false)
  useTitle(q('calibration'))
  const again = () => {
    list.again()
    agreed.again()
  }
  const formOf = (c: Calibration) => forms.value?.forms.find((f) => f.id === c.form && f.version === c.form_version)
  const close = (c: Calibration) =>
    request('POST', `/qa/calibrations/${c.id}/close`, {})
      .then(again)
      .catch((e: unknown) => message.error(problemOf(e).message))

  return (
    <main className="desk-page quality">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{q('calibration')}</h1>
        <Button type="primary" onClick={() => setAdding(true)}>
          {q('cal.new')}
        </Button>
      </div>
      {list.problem && <Alert className="qa-alert" type="error" title={q('failed', { detail: list.problem.message })} action={<Button onClick={again}>{q('retry')}</Button>} />}
      <Table<Calibration>
        rowKey="id"
        dataSource={list.value?.calibrations ?? []}
        loading={!list.value && !list.problem}
        scroll={{ x: 'max-content' }}
        pagination={false}
        locale={{ emptyText: q('cal.none') }}
        columns={[
          {
            title: q('cal.name'),
            key: 'name',
            render: (_, c) => (
              <span className="two">
                <Button type="link" className="bare" onClick={() => setOpen(c)}>
                  {c.name}
                </Button>
                <small className="dim">
                  {house.agent(c.agent)} · {q('cal.due')} {c.due}
                </small>
              </span>
            ),
          },
          { title: q('state'), key: 'state', render: (_, c) => (c.closed_at ? <Tag color="green">{q('cal.closed')}</Tag> : <Tag color="blue">{q('cal.open')}</Tag>) },
          { title: q('cal.scorers'), key: 'answered', render: (_, c) => <span className="num">{q('cal.answered', { n: c.answered.length, of: c.scorers.length })}</span> },
          {
            key: 'do',
            align: 'right',
            render: (_, c) =>
              !c.closed_at && (
                <span className="task-actions">
                  {c.scorers.includes(session.name) && <Button onClick={() => setOpen(c)}>{q(c.given[session.name] ? 'cal.given' : 'cal.answer')}</Button>}
                  {(c.by === session.name || c.answered.length === c.scorers.length) && c.answered.length >= 2 && <Button onClick={() => void close(c)}>{q('cal.close')}</Button>}
                </span>
              ),
          },
        ]}
      />
      {agreed.value && agreed.value.sessions > 0 && <Agreement value={agreed.value} forms={forms.value?.forms ?? []} />}
      {adding && (
        <NewCalibration
          forms={forms.value?.forms ?? []}
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false)
            again()
          }}
        />
      )}
      <Drawer open={open !== null} size={760} onClose={() => setOpen(null)} title={open?.name}>
        {open && (
          <One
            key={open.id}
            c={open}
            form={formOf(open)}
            name={session.name}
            onGiven={() => {
              setOpen(null)
              again()
            }}
          />
        )}
      </Drawer>
    </main>
  )
}

/** One calibration: one's own answers while it is open, everybody's afterwards. */
function One({ c, form, name, onGiven }: { c: Calibration; form: Form | undefined; name: string; onGiven: () => void }) {
  const { q } = useQuality()
  const [judgement, setJudgement] = useState<Judgement>(() => whole(c.given[name]?.judgement))
  const [seen, setSeen] = useState(c.reference || Object.keys(c.given)[0] || '')
  const [refused, setRefused] = useState('')
  if (!form) return null
  const writing = !c.closed_at && c.scorers.includes(name)
  const guess = soFar(form, judgement.answers)
  const give = () =>
    request('POST', `/qa/calibrations/${c.id}/answers`, { judgement })
      .then(onGiven)
      .catch((e: unknown) => setRefused(problemOf(e).message))
  return (
    <div className="quality">
      {refused && <Alert type="error" title={refused} className="qa-alert" />}
      <Player call={c.call} why={q('calibration')} />
      {c.closed_at && (
        <p className="judge-facts">
          {Object.entries(c.given).map(([who, g]) => (
            <Button key={who} type={seen === who ? 'primary' : 'default'} onClick={() => setSeen(who)}>
              {who} <span className="num">{shown(fraction(g.scored.total))}</span>
              {who === c.reference && ` · ${q('cal.reference')}`}
            </Button>
          ))}
        </p>
      )}
      {writing ? (
        <AnswerSheet form={form} answers={judgement.answers} onAnswer={(item, a) => setJudgement((j) => ({ ...j, answers: { ...j.answers, [item]: a } }))} />
      ) : (
        <AnswerSheet form={form} answers={whole(c.given[seen]?.judgement).answers} other={whole(c.given[c.reference]?.judgement).answers} />
      )}
      {writing && (
        <div className="judge-actions">
          <strong className="num">{shown(guess.score)}</strong>
          <Button type="primary" disabled={guess.missing.length > 0} onClick={() => void give()}>
            {q('submit')}
          </Button>
          {guess.missing.length > 0 && <span className="dim">{q('submit.missing', { n: guess.missing.length })}</span>}
        </div>
      )}
    </div>
  )
}

function NewCalibration({ forms, onClose, onAdded }: { forms: Form[]; onClose: () => void; onAdded: () => void }) {
  const { q, both } = useQuality()
  const house = useHouseWords()
  const asked = new URLSearchParams(window.location.search)
  const newest = forms.filter((f, i, all) => f.published_at && all.findIndex((o) => o.id === f.id && o.published_at) === i)
  const [name, setName] = useState('')
  const [call, setCall] = useState(asked.get('call') ?? '')
  const [agent, setAgent] = useState(asked.get('agent') ?? '')
  const [form, setForm] = useState('')
  const [scorers, setScorers] = useState<string[]>([])
  const [reference, setReference] = useState('')
  const [due, setDue] = useState('')
  const [refused, setRefused] = useState('')
  const add = () =>
    request('POST', '/qa/calibrations', { name, call: call.trim(), agent, form: form || (newest[0]?.id ?? ''), scorers, reference, due })
      .then(onAdded)
      .catch((e: unknown) => setRefused(problemOf(e).message))
  return (
    <Modal open title={q('cal.new')} okText={q('cal.new')} cancelText={q('cancel')} onCancel={onClose} onOk={() => void add()} okButtonProps={{ disabled: !name.trim() || !call.trim() || !agent || scorers.length < 2 || !due }}>
      {refused && <Alert type="error" title={refused} className="qa-alert" />}
      <AntForm layout="vertical">
        <AntForm.Item label={q('cal.name')} htmlFor="cal-name">
          <Input id="cal-name" value={name} onChange={(e) => setName(e.target.value)} autoFocus />
        </AntForm.Item>
        <AntForm.Item label={q('begin.call')} htmlFor="cal-call">
          <Input id="cal-call" value={call} onChange={(e) => setCall(e.target.value)} />
        </AntForm.Item>
        <AntForm.Item label={q('begin.agent')} htmlFor="cal-agent">
          <Select id="cal-agent" value={agent || undefined} onChange={setAgent} options={house.agents.map((a) => ({ value: a.id, label: a.name }))} showSearch={{ optionFilterProp: 'label' }} />
        </AntForm.Item>
        <AntForm.Item label={q('begin.form')} htmlFor="cal-form">
          <Select id="cal-form" value={form || newest[0]?.id} onChange={setForm} options={newest.map((f) => ({ value: f.id, label: both(f.name) }))} />
        </AntForm.Item>
        <AntForm.Item label={q('cal.scorers')} htmlFor="cal-scorers">
          <Select id="cal-scorers" mode="tags" open={false} suffix={null} value={scorers} onChange={setScorers} tokenSeparators={[',', ' ', '，']} />
        </AntForm.Item>
        <AntForm.Item label={q('cal.reference')} htmlFor="cal-reference">
          <Select id="cal-reference" allowClear value={reference || undefined} onChange={(v) => setReference(v ?? '')} options={scorers.map((v) => ({ value: v, label: v }))} />
        </AntForm.Item>
        <AntForm.Item label={q('cal.due')} htmlFor="cal-due">
          <DatePicker id="cal-due" onChange={(_, text) => setDue(typeof text === 'string' ? text : '')} />
        </AntForm.Item>
      </AntForm>
    </Modal>
  )
}
