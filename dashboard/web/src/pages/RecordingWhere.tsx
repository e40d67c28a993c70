import { Alert, Button, Input, Modal, Steps } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useLanguage } from '../i18n'
import { clock } from '../time'
import { problemOf, request, type Session } from './api'
import { useWhereText } from './whereText'

interface Deed {
  at: string
  by: string
  why: string
}

interface Where {
  state: string
  reason: string
  form: string
  note: string
  store: string
  object: string
  bytes: number
  raw: boolean
  filed: string
  steps: { step: string; at: string }[]
  held: Deed | null
  erased: Deed | null
}

const WAY = ['captured', 'fetched', 'proved', 'encoded', 'stored', 'removed']

/** Where a recording is, how it came there, and whether it is held or erased. */
export function RecordingWhere({ call, session, zone }: { call: string; session: Session; zone: string }) {
  const { lang } = useLanguage()
  const s = useWhereText()
  const [where, setWhere] = useState<Where | null>(null)
  const [refused, setRefused] = useState('')
  const [open, setOpen] = useState(false)
  const [why, setWhy] = useState<string | null>(null)
  const path = `/recordings/${encodeURIComponent(call)}`
  const read = useCallback(() => {
    request<Where>('GET', `${path}/where`)
      .then(setWhere)
      .catch((e: unknown) => setRefused(problemOf(e).message))
  }, [path])
  useEffect(() => {
    if (open) read()
  }, [open, read])
  const time = (at: string) => `${new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(Date.parse(at))} ${clock(Date.parse(at), zone)}`
  const deed = (d: Deed) => `${time(d.at)} · ${d.by}: ${d.why}`
  const change = () =>
    request(where?.held ? 'DELETE' : 'POST', `${path}/hold?why=${encodeURIComponent(why ?? '')}`)
      .then(() => {
        setWhy(null)
        read()
      })
      .catch((e: unknown) => setRefused(problemOf(e).message))
  const at = (step: string) => where?.steps.find((x) => x.step === step)?.at
  const done = WAY.filter((x) => at(x)).length
  return (
    <details className="where" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{s('title')}</summary>
      {refused && <Alert type="error" title={refused} />}
      {where && (
        <>
          {where.erased && <Alert type="warning" title={s('erased')} description={deed(where.erased)} />}
          {where.held && <Alert type="info" title={s('held')} description={deed(where.held)} />}
          <Steps size="small" current={done} status={where.state === 'missing' ? 'error' : 'process'} items={WAY.map((x) => ({ title: s(`step.${x}`), content: at(x) ? <span className="num">{clock(Date.parse(at(x) ?? ''), zone)}</span> : undefined }))} />
          <dl className="where-facts">
            <dt>{s('store')}</dt>
            <dd>
              {where.store} · {s(`object.${where.object}`)}
              {where.bytes > 0 && <span className="num"> · {new Intl.NumberFormat(lang).format(Math.round(where.bytes / 1024))} KiB</span>}
              {where.form && ` · ${where.form}`}
            </dd>
            <dt>{s('filed')}</dt>
            <dd className="num">{where.filed || s('filed.not')}</dd>
            {where.raw && (
              <>
                <dt>{s('raw')}</dt>
                <dd>{s('raw.there')}</dd>
              </>
            )}
            {where.note && (
              <>
                <dt>{s('note')}</dt>
                <dd>{where.note}</dd>
              </>
            )}
          </dl>
          {session.role === 'supervisor' && !where.erased && <Button onClick={() => setWhy('')}>{s(where.held ? 'release' : 'hold')}</Button>}
        </>
      )}
      <Modal open={why !== null} title={s(where?.held ? 'release' : 'hold')} okText={s(where?.held ? 'release' : 'hold')} cancelText={s('cancel')} onCancel={() => setWhy(null)} onOk={() => void change()} okButtonProps={{ disabled: !why?.trim() }}>
        <label htmlFor="where-why">{s('why')}</label>
        <Input id="where-why" value={why ?? ''} maxLength={200} onChange={(e) => setWhy(e.target.value)} autoFocus />
      </Modal>
    </details>
  )
}
