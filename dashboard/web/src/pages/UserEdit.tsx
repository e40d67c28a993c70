import { Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { useLanguage } from '../i18n'
import type { Account, Team } from './api'
import { useAccountText } from './accountText'
import { useHouse } from './useCalls'

const ROLES = ['agent', 'supervisor', 'qa', 'administrator'] as const

export interface Values {
  name: string
  role: string
  agent: string
  teams: string[]
}

/** An account, new or changed. */
export function UserEdit({ account, teams, self, onClose, onSave }: { account: Account | null; teams: Team[]; self: boolean; onClose: () => void; onSave: (v: Values) => Promise<void> }) {
  const { t, word, name } = useLanguage()
  const text = useAccountText()
  const { frame } = useHouse()
  const [busy, setBusy] = useState(false)
  const [form] = Form.useForm<Values>()
  const role = Form.useWatch('role', form)
  const finish = async (v: Values) => {
    setBusy(true)
    await onSave({ name: v.name?.trim(), role: v.role, agent: v.agent ?? '', teams: v.role === 'supervisor' ? (v.teams ?? []) : [] })
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
        {role === 'supervisor' && teams.length > 0 && (
          <Form.Item name="teams" label={text('users.teams')} extra={text('users.teams.hint')}>
            <Select mode="multiple" allowClear placeholder={text('users.teams.all')} options={teams.map((x) => ({ value: x.id, label: name({ name: x.name, nameEn: x.name_en }) }))} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
