import { AutoComplete, Modal } from 'antd'
import { useMemo, useState } from 'react'
import { useLanguage } from '../i18n'
import type { Agent, Queue } from '../wire'
import { targetOf, type Choice, type Target } from './deskData'

export type Asked = 'transfer' | 'consult' | 'place'

/** The choices of a target: agents by state, the free first, and queues with who waits there. */
function useChoices(self: string, agents: Agent[], queues: Queue[], asked: Asked | null): Choice[] {
  const { t, word, name } = useLanguage()
  return useMemo(() => {
    if (asked === 'place') return []
    const people = agents
      .filter((a) => a.id !== self && a.state !== 'logged_out')
      .sort((a, b) => Number(b.state === 'ready') - Number(a.state === 'ready'))
      .map((a) => ({ value: `${name(a)} ${a.id}`, label: `${name(a)} ${a.id} · ${word('state', a.state)}`, to: { agent: a.id } }))
    const lines = queues.map((q) => ({ value: name(q), label: `${name(q)} · ${t('state.ready')} ${q.agents.ready} · ${t('fig.waiting')} ${q.waiting}`, to: { queue: q.id } }))
    return [...people, ...lines]
  }, [self, agents, queues, asked, name, word, t])
}

interface Props {
  asked: Asked | null
  self: string
  agents: Agent[]
  queues: Queue[]
  /** False keeps it open, for another try. */
  send: (asked: Asked, to: Target) => Promise<boolean>
  onClose: () => void
}

/** Asks to whom: an agent, a queue, or a number as it is typed. */
export function TargetModal({ asked, self, agents, queues, send, onClose }: Props) {
  const { t } = useLanguage()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const choices = useChoices(self, agents, queues, asked)
  const close = () => {
    setText('')
    onClose()
  }
  const go = async () => {
    if (asked === null || text.trim() === '' || busy) return
    setBusy(true)
    const done = await send(asked, targetOf(text.trim(), choices))
    setBusy(false)
    if (done) close()
  }
  const label = t(asked === 'place' ? 'deed.number' : 'deed.target')
  return (
    <Modal
      open={asked !== null}
      title={asked && t(`deed.${asked}`)}
      okText={t('deed.go')}
      cancelText={t('help.close')}
      confirmLoading={busy}
      okButtonProps={{ disabled: text.trim() === '' }}
      onOk={() => void go()}
      onCancel={close}
      destroyOnHidden
    >
      <AutoComplete
        autoFocus
        defaultOpen={asked !== 'place'}
        value={text}
        options={choices}
        onChange={setText}
        onKeyDown={(e) => e.key === 'Enter' && asked === 'place' && void go()}
        showSearch={{ filterOption: (typed, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(typed.toLowerCase()) }}
        placeholder={label}
        style={{ width: '100%' }}
        aria-label={label}
      />
    </Modal>
  )
}
