import { Alert, Button, Input, Modal, Steps } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useLanguage } from '../i18n'
import { clock } from '../time'
import { problemOf, request, type Session } from './api'
import { useSaid } from './useAsk'
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

type Act = 'hold' | 'release' | 'erase'

/** Where a recording is, how it came there, and whether it is held or erased; a supervisor may hold it, an administrator erase it. */
export function RecordingWhere({ call, session, zone, opened = false }: { call: string; session: Session; zone: string; opened?: boolean }) {
  const { lang } = useLanguage()
  const s = useWhereText()
  const said = useSaid()
  const [where, setWhere] = useState<Where | null>(null)
  const [refused, setRefused] = useState('')
  const [open, setOpen] = useState(opened)
  const [act, setAct] = useState<Act | null>(null)
  const [why, setWhy] = useState('')
  const [typed, setTyped] = useState('') // what cannot be undone is typed, not only pressed
  const path = `/recordings/${encodeURIComponent(call)}`
  const refuse = useCallback((e: unknown) => setRefused(said(problemOf(e))), [said])
  const read = useCallback(() => {
    setRefused('')
    request<Where>('GET', `${path}/where`).then(setWhere).catch(refuse)
  }, [path, refuse])
  useEffect(() => {
    if (open) read()
  }, [open, read])
  const time = (at: string) => `${new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(Date.parse(at))} ${clock(Date.parse(at), zone)}`
  const deed = (d: Deed) => `${time(d.at)} · ${d.by}: ${d.why}`
  const begin = (a: Act) => {
    setWhy('')
    setTyped('')
    setAct(a)
  }
  const change = () => {
    const to = act === 'erase' ? `/calls/${encodeURIComponent(call)}/recording` : `${path}/hold`
    void request(act === 'hold' ? 'POST' : 'DELETE', `${to}?why=${encodeURIComponent(why)}`)
      .then(read)
      .catch(refuse)
      .finally(() => setAct(null))
  }
  const at = (step: string) => where?.steps.find((x) => x.step === step)?.at
  const done = WAY.filter((x) => at(x)).length
  return (
    <details className="where" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
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
          {session.role === 'supervisor' && !where.erased && <Button onClick={() => begin(where.held ? 'release' : 'hold')}>{s(where.held ? 'release' : 'hold')}</Button>}
          {session.role === 'administrator' && !where.erased && (
            <Button danger disabled={where.held !== null} onClick={() => begin('erase')}>
              {s('erase')}
            </Button>
          )}
        </>
      )}
      <Modal
        open={act !== null}
        title={s(act ?? 'hold')}
        okText={s(act ?? 'hold')}
        cancelText={s('cancel')}
        onCancel={() => setAct(null)}
        onOk={change}
        okButtonProps={{ danger: act === 'erase', disabled: !why.trim() || (act === 'erase' && typed.trim() !== call) }}
      >
        {act === 'erase' && <Alert type="warning" title={s('erase.hint')} />}
        <label htmlFor="where-why">{s('why')}</label>
        <Input id="where-why" value={why} maxLength={200} onChange={(e) => setWhy(e.target.value)} autoFocus />
        {act === 'erase' && (
          <>
            <label htmlFor="where-typed">
              {s('erase.type')} <code>{call}</code>
            </label>
            <Input id="where-typed" value={typed} onChange={(e) => setTyped(e.target.value)} autoComplete="off" spellCheck={false} />
          </>
        )}
      </Modal>
    </details>
  )
}
