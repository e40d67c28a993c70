import { Alert, Button, Form, Input } from 'antd'
import { useState } from 'react'
import { Link, navigate, safeNext } from '../app/router'
import { useLanguage, useTitle, type Translate } from '../i18n'
import { useAccountText } from './accountText'
import { problemOf, request, type Problem, type Session } from './api'

/** What went wrong and what to do about it. */
function advice(p: Problem, t: Translate): string {
  if (p.code === 'wrong_code') return t('problem.wrong_code')
  if (p.status === 401 || p.status === 403) return t('login.wrong')
  if (p.status === 429) return t('login.slow')
  if (p.status === 0) return t('login.offline')
  return t('login.failed', { detail: p.message })
}

export default function Login({ onSignedIn }: { onSignedIn: () => Promise<Session | null> }) {
  const { t } = useLanguage()
  const text = useAccountText()
  // Who has given a right password, and is asked for a code.
  const [known, setKnown] = useState<{ name: string; password: string } | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  useTitle(t('title.login'))

  const submit = async (given: { name?: string; password?: string; code?: string }) => {
    const values = known ?? { name: (given.name ?? '').trim(), password: given.password ?? '' }
    setBusy(true)
    setProblem(null)
    try {
      await request('POST', '/session', { ...values, ...(known && { code: given.code }) })
      const session = await onSignedIn()
      navigate(safeNext(window.location.search, session?.role), true)
    } catch (e) {
      const p = problemOf(e)
      if (p.code === 'code_needed') setKnown(values)
      else setProblem(p)
      setBusy(false)
    }
  }
  return (
    <main className="login">
      <div className="login-card">
        <svg viewBox="0 0 32 32" width="48" height="48" aria-hidden="true" fill="none" strokeWidth="2.6">
          <circle cx="16" cy="16" r="13.5" stroke="#ff8a4c" />
          <circle cx="16" cy="16" r="8.7" stroke="#f6b73c" />
          <circle cx="16" cy="16" r="3.9" stroke="#4cc9a6" />
        </svg>
        <h1>{t('app.name')}</h1>
        <Form key={known ? 'code' : 'password'} layout="vertical" requiredMark={false} size="large" onFinish={submit}>
          {known ? (
            <Form.Item name="code" label={text('login.as', { name: known.name })} extra={text('code.hint')} rules={[{ required: true, whitespace: true, message: text('code.needed') }]}>
              <Input autoComplete="one-time-code" autoFocus autoCapitalize="none" spellCheck={false} />
            </Form.Item>
          ) : (
            <>
              <Form.Item name="name" label={t('login.name')} rules={[{ required: true, whitespace: true, message: t('login.name.needed') }]}>
                <Input autoComplete="username" autoFocus autoCapitalize="none" spellCheck={false} />
              </Form.Item>
              <Form.Item name="password" label={t('login.password')} rules={[{ required: true, message: t('login.password.needed') }]}>
                <Input.Password autoComplete="current-password" />
              </Form.Item>
            </>
          )}
          {problem && <Alert className="login-problem" type="error" title={advice(problem, t)} role="alert" />}
          <Button type="primary" htmlType="submit" loading={busy} block>
            {known ? text('login.next') : t('login.submit')}
          </Button>
          {known && (
            <Button
              className="login-other"
              type="text"
              block
              onClick={() => {
                setKnown(null)
                setProblem(null)
              }}
            >
              {text('login.back')}
            </Button>
          )}
        </Form>
        <Link className="login-back" href="/wallboard">
          {t('login.back')}
        </Link>
      </div>
    </main>
  )
}
