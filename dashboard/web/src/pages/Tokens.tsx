import { Alert, App as AntApp, Button, Checkbox, Form, Grid, Input, Modal, Select, Table, Tag, Typography, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { useLanguage, useTitle } from '../i18n'
import { clock } from '../time'
import type { Token } from './api'
import { useAsk } from './useAsk'
import { useHouse } from './useCalls'
import { useRead } from './useRead'

const SCOPES = ['wallboard', 'read', 'numbers', 'recordings', 'write'] as const
const DAYS = [30, 90, 365, 0] as const

interface Values {
  name: string
  scopes: string[]
  days: number
}

/** What lets screens and programs in. For administrators. */
export default function Tokens({ onSignedOut }: { onSignedOut: () => void }) {
  const { t, word } = useLanguage()
  const { modal, message } = AntApp.useApp()
  const { frame } = useHouse()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const { value, problem, read } = useRead<{ tokens: Token[] }>('/tokens', onSignedOut)
  const list = value?.tokens ?? null
  const [adding, setAdding] = useState(false)
  const ask = useAsk(onSignedOut)
  const narrow = !Grid.useBreakpoint().md
  useTitle(t('title.tokens'))

  /** The secret is shown once; a screen's as the address that it opens. */
  const show = (k: Token) => {
    const screen = k.scopes.includes('wallboard')
    const address = `${window.location.origin}/wallboard#token=${k.token}`
    modal.success({
      title: t('tokens.made', { name: k.name }),
      width: 560,
      content: (
        <>
          <Typography.Paragraph copyable className="secret">
            {screen ? address : k.token}
          </Typography.Paragraph>
          <p>{t(screen ? 'tokens.made.screen' : 'tokens.made.program')}</p>
        </>
      ),
    })
  }
  const revoke = (k: Token) =>
    modal.confirm({
      title: t('tokens.revoke.ask', { name: k.name }),
      content: t('tokens.revoke.hint'),
      okText: t('tokens.revoke'),
      okButtonProps: { danger: true },
      onOk: async () => {
        if (!(await ask('DELETE', `/tokens/${encodeURIComponent(k.name)}`))) return
        read()
        void message.success(t('tokens.revoked', { name: k.name }))
      },
    })
  const add = async (v: Values) => {
    const r = await ask<Token>('POST', '/tokens', { name: v.name.trim(), scopes: v.scopes, days: v.days })
    if (!r) return
    setAdding(false)
    read()
    show(r.value)
  }
  const day = (at: string | null) => (at ? <span className="num nowrap">{new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(Date.parse(at))}</span> : <span className="dim">{t('fig.none')}</span>)
  const used = (k: Token) =>
    k.used_at ? (
      <span className="num nowrap">
        {day(k.used_at)} {clock(Date.parse(k.used_at), zone)}
      </span>
    ) : (
      <span className="dim">{t('tokens.unused')}</span>
    )
  const state = (k: Token) => {
    if (k.revoked_at) return <Tag>{t('tokens.state.revoked')}</Tag>
    if (k.expires_at && Date.parse(k.expires_at) < Date.now()) return <Tag>{t('tokens.state.expired')}</Tag>
    return <Tag color="green">{t('tokens.state.ok')}</Tag>
  }
  const scopes = (k: Token) => k.scopes.map((s) => word('scope', s)).join(' · ')
  const end = (k: Token) => !k.revoked_at && <Button onClick={() => revoke(k)}>{t('tokens.revoke')}</Button>
  const wide: TableColumnsType<Token> = [
    {
      title: t('tokens.name'),
      key: 'name',
      render: (_, k) => (
        <span className="two">
          <b>{k.name}</b>
          <small>{t('tokens.by', { name: k.created_by })}</small>
        </span>
      ),
    },
    { title: t('tokens.scopes'), key: 'scopes', render: (_, k) => scopes(k) },
    { title: t('tokens.expires'), key: 'expires', width: 130, render: (_, k) => (k.expires_at ? day(k.expires_at) : <span className="dim">{t('tokens.never')}</span>) },
    { title: t('tokens.used'), key: 'used', width: 190, render: (_, k) => used(k) },
    { title: t('users.state'), key: 'state', width: 110, render: (_, k) => state(k) },
    { title: '', key: 'do', width: 110, align: 'right', render: (_, k) => end(k) },
  ]
  const slim: TableColumnsType<Token> = [
    {
      title: t('tokens.name'),
      key: 'name',
      render: (_, k) => (
        <span className="two">
          {k.name}
          <small>{scopes(k)}</small>
          <small>{used(k)}</small>
        </span>
      ),
    },
    {
      title: t('users.state'),
      key: 'state',
      width: 120,
      render: (_, k) => (
        <span className="two token-state">
          <span>{state(k)}</span>
          {end(k)}
        </span>
      ),
    },
  ]
  return (
    <main className="desk-page">
      <div className="desk-head">
        <h1>{t('title.tokens')}</h1>
        <Button type="primary" onClick={() => setAdding(true)}>
          {t('tokens.add')}
        </Button>
      </div>
      <p className="dim tokens-hint">{t('tokens.hint')}</p>
      {problem && (
        <Alert
          style={{ marginBottom: 16 }}
          type="error"
          title={t('tokens.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          action={<Button onClick={read}>{t('calls.retry')}</Button>}
        />
      )}
      <Table<Token> rowKey="name" columns={narrow ? slim : wide} dataSource={list ?? []} loading={list === null && !problem} pagination={false} locale={{ emptyText: t('tokens.none') }} />
      {adding && <Add onClose={() => setAdding(false)} onSave={add} />}
    </main>
  )
}

function Add({ onClose, onSave }: { onClose: () => void; onSave: (v: Values) => Promise<void> }) {
  const { t, word } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [form] = Form.useForm<Values>()
  const finish = async (v: Values) => {
    setBusy(true)
    await onSave(v)
    setBusy(false)
  }
  return (
    <Modal open title={t('tokens.add')} onCancel={onClose} onOk={form.submit} okText={t('tokens.make')} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={finish} initialValues={{ scopes: ['wallboard'], days: 365 }}>
        <Form.Item name="name" label={t('tokens.name')} extra={t('tokens.name.hint')} rules={[{ required: true, pattern: /^[A-Za-z0-9._@-]{1,64}$/, message: t('users.name.rule') }]}>
          <Input autoComplete="off" autoFocus autoCapitalize="none" spellCheck={false} />
        </Form.Item>
        <Form.Item name="scopes" label={t('tokens.scopes')} rules={[{ required: true, message: t('tokens.scopes.needed') }]}>
          <Checkbox.Group className="scopes">
            {SCOPES.map((s) => (
              <Checkbox key={s} value={s}>
                <span className="two">
                  {word('scope', s)}
                  <small>{word('scope.hint', s)}</small>
                </span>
              </Checkbox>
            ))}
          </Checkbox.Group>
        </Form.Item>
        <Form.Item name="days" label={t('tokens.expires')}>
          <Select options={DAYS.map((d) => ({ value: d, label: d ? t('tokens.days', { n: d }) : t('tokens.never') }))} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
