import { Alert, App as AntApp, Button, Dropdown, Grid, Input, Table, Tag, Typography, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { useLanguage, useTitle } from '../i18n'
import type { Account, Session, Team } from './api'
import { useAccountText } from './accountText'
import { Lockouts } from './Lockouts'
import { useAsk } from './useAsk'
import { useRead } from './useRead'
import { UserEdit } from './UserEdit'

/** Accounts: who may sign in, and as what. For administrators. */
export default function Users({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t, word, name } = useLanguage()
  const text = useAccountText()
  const { modal, message } = AntApp.useApp()
  const { value, problem, read } = useRead<{ users: Account[]; teams: Team[] }>('/users', onSignedOut)
  const list = value?.users ?? null
  const [edited, setEdited] = useState<Account | 'new' | null>(null)
  const [find, setFind] = useState('')
  const ask = useAsk(onSignedOut)
  const narrow = !Grid.useBreakpoint().md
  useTitle(t('title.users'))

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
  const teamsOf = (u: Account) =>
    u.teams
      .map((id) => {
        const team = value?.teams.find((x) => x.id === id)
        return team ? name({ name: team.name, nameEn: team.name_en }) : id
      })
      .join(' · ')
  const state = (u: Account) => (
    <>
      {standing(u)}
      {u.second_factor && <Tag>{text('users.on')}</Tag>}
    </>
  )
  const standing = (u: Account) => (u.disabled ? <Tag>{t('users.state.disabled')}</Tag> : u.must_change ? <Tag color="gold">{t('users.state.first')}</Tag> : <Tag color="green">{t('users.state.ok')}</Tag>)
  const wide: TableColumnsType<Account> = [
    { title: t('login.name'), key: 'name', render: (_, u) => <b>{u.name}</b> },
    {
      title: t('users.role'),
      key: 'role',
      render: (_, u) => (
        <span className="two">
          {word('role', u.role)}
          {u.teams.length > 0 && <small>{teamsOf(u)}</small>}
        </span>
      ),
    },
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
            {word('role', u.role)} {u.agent} {teamsOf(u)}
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
      <Lockouts onSignedOut={onSignedOut} />
      <Table<Account>
        rowKey="name"
        columns={narrow ? slim : wide}
        dataSource={(list ?? []).filter((u) => !wanted || `${u.name} ${u.agent} ${word('role', u.role)}`.toLowerCase().includes(wanted))}
        loading={list === null && !problem}
        pagination={false}
        locale={{ emptyText: t('users.none') }}
      />
      {edited && (
        <UserEdit
          teams={value?.teams ?? []}
          account={edited === 'new' ? null : edited}
          self={edited !== 'new' && edited.name === session.name}
          onClose={() => setEdited(null)}
          onSave={async (values) => {
            const r = edited === 'new' ? await ask<Account>('POST', '/users', values) : await ask<Account>('PATCH', `/users/${encodeURIComponent(edited.name)}`, { role: values.role, agent: values.agent, teams: values.teams })
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
