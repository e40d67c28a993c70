import { Alert, App as AntApp, Button, Dropdown, Form, Grid, Input, Modal, Select, Table, Tag, Typography, type TableColumnsType } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useLanguage, useTitle } from '../i18n'
import { problemOf, request, type Account, type Problem, type Session } from './api'
import { useFactorText } from './factorText'
import { useAsk } from './useAsk'
import { useHouse } from './useCalls'

const ROLES = ['agent', 'supervisor', 'qa', 'administrator'] as const

/** Accounts: who may sign in, and as what. For administrators. */
export default function Users({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t, word } = useLanguage()
  const text = useFactorText()
  const { modal, message } = AntApp.useApp()
  const [list, setList] = useState<Account[] | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [edited, setEdited] = useState<Account | 'new' | null>(null)
  const [find, setFind] = useState('')
  const ask = useAsk(onSignedOut)
  const narrow = !Grid.useBreakpoint().md
  useTitle(t('title.users'))

  const read = useCallback(() => {
    setProblem(null)
    request<{ users: Account[] }>('GET', '/users')
      .then((r) => setList(r.users))
      .catch((e: unknown) => {
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else setProblem(p)
      })
  }, [onSignedOut])
  useEffect(read, [read])

  /** The first password is shown once: nobody can read it again. */
  const show = (u: Account) =>
    modal.success({
      title: t('users.first', { name: u.name }),
      content: (
        <>
          <Typography.Paragraph copyable className="first-password">
            {u.password}
          </Typography.Paragraph>
          <p>{t('users.first.hint')}</p>
        </>
      ),
    })
  const change = async (u: Account, what: Partial<Account>, done: string, undo?: Partial<Account>) => {
    const r = await ask<Account>('PATCH', `/users/${encodeURIComponent(u.name)}`, what)
    if (!r) return
    read()
    const key = `user-${u.name}`
    void message.success({
      key,
      duration: undo ? 8 : 3,
      content: (
        <span className="undo">
          {done}
          {undo && (
            <Button
              size="small"
              onClick={() => {
                message.destroy(key)
                void change(u, undo, t('users.undone'))
              }}
            >
              {t('agents.undo')}
            </Button>
          )}
        </span>
      ),
    })
  }
  const reset = (u: Account) =>
    modal.confirm({
      title: t('users.reset.ask', { name: u.name }),
      content: t('users.reset.hint'),
      okText: t('users.reset'),
      onOk: async () => {
        const r = await ask<Account>('POST', `/users/${encodeURIComponent(u.name)}/password`)
        if (r) {
          read()
          show(r.value)
        }
      },
    })
  const resetFactor = (u: Account) =>
    modal.confirm({
      title: text('users.reset.ask', { name: u.name }),
      content: text('users.reset.hint'),
      okText: text('users.reset'),
      onOk: async () => {
        if (!(await ask('DELETE', `/users/${encodeURIComponent(u.name)}/second-factor`))) return
        read()
        void message.success(text('users.reset.done', { name: u.name }))
      },
    })
  const signOut = async (u: Account) => {
    if (await ask('DELETE', `/users/${encodeURIComponent(u.name)}/sessions`)) void message.success(t('users.out.done', { name: u.name }))
  }
  const act = (u: Account, key: string) => {
    if (key === 'edit') setEdited(u)
    else if (key === 'reset') reset(u)
    else if (key === 'factor') resetFactor(u)
    else if (key === 'out') void signOut(u)
    else void change(u, { disabled: !u.disabled }, t(u.disabled ? 'users.enabled' : 'users.disabled', { name: u.name }), { disabled: u.disabled })
  }
  const actions = (u: Account) => (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'edit', label: t('users.edit') },
          { key: 'reset', label: t('users.reset') },
          ...(u.second_factor ? [{ key: 'factor', label: text('users.reset') }] : []),
          { key: 'out', label: t('users.out') },
          { key: 'disable', label: t(u.disabled ? 'users.enable' : 'users.disable'), danger: !u.disabled, disabled: u.name === session.name },
        ],
        onClick: ({ key }) => act(u, key),
      }}
    >
      <Button aria-label={t('users.actions', { name: u.name })}>⋯</Button>
    </Dropdown>
  )
  const state = (u: Account) => (
    <>
      {standing(u)}
      {u.second_factor && <Tag>{text('users.on')}</Tag>}
    </>
  )
  const standing = (u: Account) => (u.disabled ? <Tag>{t('users.state.disabled')}</Tag> : u.must_change ? <Tag color="gold">{t('users.state.first')}</Tag> : <Tag color="green">{t('users.state.ok')}</Tag>)
  const wide: TableColumnsType<Account> = [
    { title: t('login.name'), key: 'name', render: (_, u) => <b>{u.name}</b> },
    { title: t('users.role'), key: 'role', render: (_, u) => word('role', u.role) },
    { title: t('users.agent'), key: 'agent', render: (_, u) => (u.agent ? <span className="num">{u.agent}</span> : <span className="dim">{t('fig.none')}</span>) },
    { title: t('users.state'), key: 'state', render: (_, u) => state(u) },
    { title: '', key: 'do', width: 80, align: 'right', render: (_, u) => actions(u) },
  ]
  const slim: TableColumnsType<Account> = [
    {
      title: t('login.name'),
      key: 'name',
      render: (_, u) => (
        <span className="two">
          {u.name}
          <small>
            {word('role', u.role)} {u.agent}
          </small>
        </span>
      ),
    },
    { title: t('users.state'), key: 'state', width: 110, render: (_, u) => state(u) },
    { title: '', key: 'do', width: 64, align: 'right', render: (_, u) => actions(u) },
  ]
  const wanted = find.trim().toLowerCase()
  return (
    <main className="desk-page">
      <div className="desk-head">
        <h1>
          {t('title.users')} {list && <span className="count num">{list.length}</span>}
        </h1>
        <Input.Search className="find" allowClear placeholder={t('users.find')} onChange={(e) => setFind(e.target.value)} />
        <Button type="primary" onClick={() => setEdited('new')}>
          {t('users.add')}
        </Button>
      </div>
      {problem && (
        <Alert
          style={{ marginBottom: 16 }}
          type="error"
          title={t('users.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          action={<Button onClick={read}>{t('calls.retry')}</Button>}
        />
      )}
      <Table<Account>
        rowKey="name"
        columns={narrow ? slim : wide}
        dataSource={(list ?? []).filter((u) => !wanted || `${u.name} ${u.agent} ${word('role', u.role)}`.toLowerCase().includes(wanted))}
        loading={list === null && !problem}
        pagination={false}
        locale={{ emptyText: t('users.none') }}
      />
      {edited && (
        <Edit
          account={edited === 'new' ? null : edited}
          self={edited !== 'new' && edited.name === session.name}
          onClose={() => setEdited(null)}
          onSave={async (values) => {
            const r = edited === 'new' ? await ask<Account>('POST', '/users', values) : await ask<Account>('PATCH', `/users/${encodeURIComponent(edited.name)}`, { role: values.role, agent: values.agent })
            if (!r) return
            setEdited(null)
            read()
            if (r.value.password) show(r.value)
            else void message.success(t('users.saved', { name: r.value.name }))
          }}
        />
      )}
    </main>
  )
}

interface Values {
  name: string
  role: string
  agent: string
}

function Edit({ account, self, onClose, onSave }: { account: Account | null; self: boolean; onClose: () => void; onSave: (v: Values) => Promise<void> }) {
  const { t, word, name } = useLanguage()
  const { frame } = useHouse()
  const [busy, setBusy] = useState(false)
  const [form] = Form.useForm<Values>()
  const role = Form.useWatch('role', form)
  const finish = async (v: Values) => {
    setBusy(true)
    await onSave({ name: v.name?.trim(), role: v.role, agent: v.agent ?? '' })
    setBusy(false)
  }
  return (
    <Modal open title={account ? t('users.edit.title', { name: account.name }) : t('users.add')} onCancel={onClose} onOk={form.submit} okText={t('users.save')} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={finish} initialValues={account ?? { role: 'agent' }}>
        {!account && (
          <Form.Item name="name" label={t('login.name')} rules={[{ required: true, pattern: /^[A-Za-z0-9._@-]{1,64}$/, message: t('users.name.rule') }]}>
            <Input autoComplete="off" autoFocus autoCapitalize="none" spellCheck={false} />
          </Form.Item>
        )}
        <Form.Item name="role" label={t('users.role')} extra={role ? word('role.hint', role) : undefined}>
          <Select disabled={self} options={ROLES.map((r) => ({ value: r, label: word('role', r) }))} />
        </Form.Item>
        <Form.Item name="agent" label={t('users.agent')} rules={[{ required: role === 'agent', message: t('users.agent.needed') }]}>
          <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={(frame?.agents ?? []).map((a) => ({ value: a.id, label: `${a.id} ${name(a)}` }))} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
