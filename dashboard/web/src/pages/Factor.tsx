import { Alert, App as AntApp, Button, Form, Input, QRCode, Spin, Typography } from 'antd'
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import { navigate, safeNext } from '../app/router'
import { useLanguage } from '../i18n'
import { problemOf, request, type Problem, type Session } from './api'
import './account.css'
import { useAccountText } from './accountText'
import { useSaid } from './useAsk'

interface State {
  enabled: boolean
  confirmed_at: string | null
  recovery_codes_left: number
  demanded: boolean
}

interface Begun {
  secret: string
  uri: string
}

const FEW = 3

/** One's own second factor: set up, looked after, ended. Who must have one sees this page and no other. */
export default function Factor({ session, onChanged }: { session: Session; onChanged: () => Promise<Session | null> }) {
  const text = useAccountText()
  const { message } = AntApp.useApp()
  const [state, setState] = useState<State | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [begun, setBegun] = useState<Begun | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const [doing, setDoing] = useState<'renew' | 'end' | null>(null)
  useEffect(() => {
    document.title = `${text('title')} · Threerings`
  }, [text])

  const read = useCallback(() => {
    setProblem(null)
    request<State>('GET', '/second-factor')
      .then(setState)
      .catch((e: unknown) => setProblem(problemOf(e)))
  }, [])
  useEffect(read, [read])

  const kept = async () => {
    setCodes(null)
    setBegun(null)
    setDoing(null)
    const now = await onChanged()
    if (session.must_enrol) navigate(safeNext('', now?.role), true)
    else read()
  }
  if (codes) return <Card title={text('codes.title')}>{<Codes codes={codes} onKept={() => void kept()} />}</Card>
  if (problem) {
    return (
      <Card>
        <Alert type="error" title={text('failed', { detail: problem.message || String(problem.status) })} action={<Button onClick={read}>{text('retry')}</Button>} />
      </Card>
    )
  }
  if (!state) {
    return (
      <Card>
        <Spin />
      </Card>
    )
  }
  if (begun) {
    return (
      <Card>
        <Confirm begun={begun} onDone={setCodes} onCancel={() => setBegun(null)} />
      </Card>
    )
  }
  if (!state.enabled) {
    return (
      <Card>
        {state.demanded && <Alert className="login-problem" type="warning" title={text('demanded')} />}
        <p className="dim">{text('what')}</p>
        <Ask name={session.name} submit={text('begin')} password onSend={async (v) => setBegun(await request<Begun>('POST', '/second-factor', { password: v.password }))} />
      </Card>
    )
  }
  return (
    <Card>
      <On state={state} />
      {doing === null && (
        <div className="factor-do">
          <Button onClick={() => setDoing('renew')}>{text('renew')}</Button>
          <Button danger onClick={() => setDoing('end')}>
            {text('end')}
          </Button>
        </div>
      )}
      {doing !== null && <p className="dim">{text(doing === 'renew' ? 'renew.hint' : 'end.hint')}</p>}
      {doing === 'renew' && (
        <Ask
          name={session.name}
          submit={text('renew')}
          code
          onCancel={() => setDoing(null)}
          onSend={async (v) => setCodes((await request<{ recovery_codes: string[] }>('POST', '/second-factor/recovery', { code: v.code })).recovery_codes)}
        />
      )}
      {doing === 'end' && (
        <Ask
          name={session.name}
          submit={text('end.do')}
          danger
          password
          code
          onCancel={() => setDoing(null)}
          onSend={async (v) => {
            await request('POST', '/second-factor/end', v)
            void message.success(text('ended'))
            setDoing(null)
            await onChanged()
            read()
          }}
        />
      )}
    </Card>
  )
}

function Card({ title, children }: { title?: string; children: ReactNode }) {
  const text = useAccountText()
  return (
    <main className="login">
      <div className="login-card factor">
        <h1>{title ?? text('title')}</h1>
        {children}
      </div>
    </main>
  )
}

function On({ state }: { state: State }) {
  const text = useAccountText()
  const { lang } = useLanguage()
  const since = state.confirmed_at ? new Intl.DateTimeFormat(lang, { dateStyle: 'medium' }).format(new Date(state.confirmed_at)) : ''
  const few = state.recovery_codes_left <= FEW
  return (
    <Alert
      className="login-problem"
      type={few ? 'warning' : 'success'}
      showIcon
      title={text('on', { since })}
      description={`${text('left', { n: state.recovery_codes_left })}${few ? ` · ${text('left.few')}` : ''}`}
    />
  )
}

interface Said {
  password: string
  code: string
}

/** Who says again who they are. */
function Ask(props: { name: string; submit: string; password?: boolean; code?: boolean; danger?: boolean; onCancel?: () => void; onSend: (v: Said) => Promise<void> }) {
  const { t } = useLanguage()
  const text = useAccountText()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (v: Said) => {
    setBusy(true)
    setProblem(null)
    try {
      await props.onSend(v)
    } catch (e) {
      setProblem(problemOf(e))
    }
    setBusy(false)
  }
  return (
    <Form layout="vertical" requiredMark={false} size="large" onFinish={send}>
      <input type="text" name="username" autoComplete="username" value={props.name} readOnly hidden />
      {props.password && (
        <Form.Item name="password" label={text('password')} rules={[{ required: true, message: t('login.password.needed') }]}>
          <Input.Password autoComplete="current-password" autoFocus />
        </Form.Item>
      )}
      {props.code && (
        <Form.Item name="code" label={text('code.either')} extra={text('code.hint')} rules={[{ required: true, whitespace: true, message: text('code.needed') }]}>
          <Input autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} autoFocus={!props.password} />
        </Form.Item>
      )}
      {problem && <Wrong problem={problem} />}
      <div className="factor-do">
        <Button type="primary" danger={props.danger === true} htmlType="submit" loading={busy}>
          {props.submit}
        </Button>
        {props.onCancel && <Button onClick={props.onCancel}>{text('cancel')}</Button>}
      </div>
    </Form>
  )
}

function Wrong({ problem }: { problem: Problem }) {
  const text = useAccountText()
  const said = useSaid()
  const title = problem.code === 'wrong_password' ? text('wrong.password') : said(problem)
  return <Alert className="login-problem" type="error" title={title} role="alert" />
}

function Confirm({ begun, onDone, onCancel }: { begun: Begun; onDone: (codes: string[]) => void; onCancel: () => void }) {
  const text = useAccountText()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (v: { code: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      onDone((await request<{ recovery_codes: string[] }>('POST', '/second-factor/confirm', v)).recovery_codes)
    } catch (e) {
      setProblem(problemOf(e))
      setBusy(false)
    }
  }
  return (
    <Form layout="vertical" requiredMark={false} size="large" onFinish={send}>
      <h2>{text('step.scan')}</h2>
      {/* White, as cameras want it. */}
      <QRCode aria-label={text('qr.label')} className="factor-qr" value={begun.uri} size={200} color="#000000" bgColor="#ffffff" bordered={false} />
      <p className="dim">{text('step.type')}</p>
      <Typography.Paragraph copyable={{ text: begun.secret }} className="secret">
        {begun.secret.replace(/(.{4})(?=.)/g, '$1 ')}
      </Typography.Paragraph>
      <h2>{text('step.code')}</h2>
      <Form.Item name="code" label={text('code')} rules={[{ required: true, whitespace: true, message: text('code.needed') }]}>
        <Input className="factor-code num" inputMode="numeric" autoComplete="one-time-code" maxLength={6} autoFocus />
      </Form.Item>
      {problem && <Wrong problem={problem} />}
      <div className="factor-do">
        <Button type="primary" htmlType="submit" loading={busy}>
          {text('confirm')}
        </Button>
        <Button onClick={onCancel}>{text('cancel')}</Button>
      </div>
    </Form>
  )
}

function Codes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const text = useAccountText()
  const [copied, setCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard?.writeText(codes.join('\n')).then(() => setCopied(true))
  }
  return (
    <>
      <p className="dim">{text('codes.hint')}</p>
      <ol className="factor-codes">
        {codes.map((c) => (
          <li key={c}>{c}</li>
        ))}
      </ol>
      <div className="factor-do">
        <Button type="primary" size="large" onClick={onKept} autoFocus>
          {text('codes.kept')}
        </Button>
        {/* Browsers let only pages under https or on this machine copy. */}
        {window.isSecureContext && (
          <Button size="large" onClick={copy}>
            {text(copied ? 'codes.copied' : 'codes.copy')}
          </Button>
        )}
      </div>
    </>
  )
}
