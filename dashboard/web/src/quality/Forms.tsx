import { Alert, Button, Table, Tag } from 'antd'
import { useState } from 'react'
import { useTitle } from '../i18n'
import type { Session } from '../pages/api'
import { AnswerSheet } from './Answers'
import type { Form } from './data'
import { FormEditor } from './FormEditor'
import { newSection, nextOf } from './formEdit'
import { QualityTabs } from './Tabs'
import { useQuality } from './text'
import { useHouseWords, useRead } from './useQualityData'

const EMPTY: Form = { id: '', version: 1, name: { zh: '', en: '' }, sections: [], limits: { appeal_days: 7, decide_days: 5, max_appeals: 5 } }

const preview = (f: Form) => <AnswerSheet form={f} answers={{}} />

/** Forms with their versions. What is published is read; a change is the next version. */
export default function Forms({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { q, both } = useQuality()
  const house = useHouseWords()
  const { value, problem, again } = useRead<{ forms: Form[] }>('/qa/forms', onSignedOut)
  const [editing, setEditing] = useState<Form | null>(null)
  useTitle(q('forms'))
  const forms = value?.forms ?? []
  const newest = (f: Form) => forms.find((o) => o.id === f.id) === f
  if (editing)
    return (
      <main className="desk-page quality">
        <QualityTabs role={session.role} />
        <FormEditor
          form={editing}
          fresh={!forms.some((f) => f.id === editing.id)}
          onClose={() => {
            setEditing(null)
            again()
          }}
        />
      </main>
    )
  return (
    <main className="desk-page quality">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{q('forms')}</h1>
        <Button type="primary" onClick={() => setEditing({ ...EMPTY, sections: [newSection(EMPTY)] })}>
          {q('form.new.id')}
        </Button>
      </div>
      {problem && <Alert className="qa-alert" type="error" title={q('failed', { detail: problem.message })} action={<Button onClick={again}>{q('retry')}</Button>} />}
      <Table<Form>
        rowKey={(f) => `${f.id} ${f.version}`}
        dataSource={forms}
        loading={!value && !problem}
        pagination={false}
        expandable={{ expandedRowRender: preview }}
        columns={[
          {
            title: q('forms'),
            key: 'name',
            render: (_, f) => (
              <span className="two">
                <span>
                  {both(f.name)} <small className="dim num">{q('form.version', { n: f.version })}</small>
                </span>
                <small className="dim">{f.reason}</small>
              </span>
            ),
          },
          { title: q('state'), key: 'state', render: (_, f) => (f.published_at ? <Tag color="green">{`${q('form.published')} ${house.time(f.published_at)}`}</Tag> : <Tag>{q('form.draft')}</Tag>) },
          { key: 'do', align: 'right', render: (_, f) => newest(f) && <Button onClick={() => setEditing(nextOf(f))}>{f.published_at ? q('form.edit', { n: f.version + 1 }) : q('edit')}</Button> },
        ]}
      />
    </main>
  )
}
