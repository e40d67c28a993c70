import { Alert, App as AntApp, Button, Form, Input } from 'antd'
import { useState } from 'react'
import { navigate, safeNext } from '../app/router'
import { useLanguage, useTitle } from '../i18n'
import { problemOf, request, type Problem, type Session } from './api'
import { useSaid } from './useAsk'

const LEAST = 8

/** One's own password. Who has a first one sees this page and no other. */
export default function Password({ session, onChanged }: { session: Session; onChanged: () => Promise<Session | null> }) {
  const { t } = useLanguage()
  const { message } = AntApp.useApp()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const said = useSaid()
  useTitle(t('title.password'))

  const submit = async (values: { current: string; next: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      await request('POST', '/password', { current: values.current, new: values.next })
      const now = await onChanged()
      void message.success(t('password.done'))
      navigate(safeNext('', now?.role), true)
    } catch (e) {
      setProblem(problemOf(e))
      setBusy(false)
    }
  }
  return (
    <main className="login">
      <div className="login-card">
        <h1>{t('title.password')}</h1>
        <p className="dim">{t(session.must_change ? 'password.first' : 'password.hint')}</p>
        <Form layout="vertical" requiredMark={false} size="large" onFinish={submit}>
          {/* So that a password manager knows whose it is. */}
          <input type="text" name="username" autoComplete="username" value={session.name} readOnly hidden />
          <Form.Item name="current" label={t('password.current')} rules={[{ required: true, message: t('login.password.needed') }]}>
            <Input.Password autoComplete="current-password" autoFocus />
          </Form.Item>
          <Form.Item
            name="next"
            label={t('password.new')}
            rules={[
              { required: true, message: t('login.password.needed') },
              { min: LEAST, message: t('password.short', { n: LEAST }) },
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="again"
            label={t('password.again')}
            dependencies={['next']}
            rules={[
              { required: true, message: t('login.password.needed') },
              ({ getFieldValue }) => ({
                validator: (_, v: string) => (!v || v === getFieldValue('next') ? Promise.resolve() : Promise.reject(new Error(t('password.differ')))),
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          {problem && <Alert className="login-problem" type="error" title={problem.code === 'wrong_password' ? t('password.wrong') : said(problem)} role="alert" />}
          <Button type="primary" htmlType="submit" loading={busy} block>
            {t('password.save')}
          </Button>
        </Form>
      </div>
    </main>
  )
}
