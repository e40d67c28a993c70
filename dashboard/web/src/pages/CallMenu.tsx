import { App as AntApp, AutoComplete, Button, Dropdown, Modal } from 'antd'
import { useMemo, useState } from 'react'
import { useLanguage } from '../i18n'
import type { Agent, Queue } from '../wire'
import { problemOf, request } from './api'

/** What can be done in a conversation, in the order of the menu. */
const DEEDS = ['hold', 'retrieve', 'mute', 'unmute', 'transfer', 'consult', 'toggle', 'conference', 'complete', 'cancel', 'survey', 'hang_up'] as const
type Deed = (typeof DEEDS)[number] | 'place'
type Target = { agent?: string; queue?: string; number?: string }

/** The choices of a target: agents by state, queues, or a number as it was typed. */
function useTargets(agent: Agent, agents: Agent[], queues: Queue[], deed: Deed | null) {
  const { word, name } = useLanguage()
  return useMemo(() => {
    if (deed === 'place') return []
    const people = agents
      .filter((a) => a.id !== agent.id && a.state !== 'logged_out')
      .map((a) => ({ value: `${name(a)} ${a.id}`, label: `${name(a)} ${a.id} · ${word('state', a.state)}`, to: { agent: a.id } as Target }))
    const lines = queues.map((q) => ({ value: name(q), label: name(q), to: { queue: q.id } as Target }))
    return [...people, ...lines]
  }, [agent.id, agents, queues, deed, name, word])
}

/** Whoever was chosen, or the number as it was typed. */
function targetOf(text: string, options: { value: string; to: Target }[]): Target {
  return options.find((o) => o.value === text)?.to ?? { number: text.replace(/[\s()-]/g, '') }
}

/** The menu of the call that an agent has, or the button to place one. */
export function CallMenu({ agent, agents, queues, own, onSignedOut }: { agent: Agent; agents: Agent[]; queues: Queue[]; own: boolean; onSignedOut: () => void }) {
  const { t } = useLanguage()
  const { message } = AntApp.useApp()
  const [asking, setAsking] = useState<Deed | null>(null)
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const options = useTargets(agent, agents, queues, asking)

  const send = async (deed: Deed, to?: Target) => {
    setBusy(true)
    try {
      const path = `/agents/${encodeURIComponent(agent.id)}`
      if (deed === 'place') await request('POST', `${path}/calls`, { number: to?.number ?? '' })
      else await request('POST', `${path}/conversation`, to ? { do: deed, to } : { do: deed })
      setAsking(null)
      setText('')
    } catch (e) {
      const p = problemOf(e)
      if (p.status === 401) onSignedOut()
      else void message.error(p.status === 0 ? t('login.offline') : p.message, 6)
    } finally {
      setBusy(false)
    }
  }
  const begin = (deed: Deed) => {
    if (deed === 'transfer' || deed === 'consult' || deed === 'place') setAsking(deed)
    else void send(deed)
  }
  const talks = agent.state === 'on_call'
  const idle = agent.state === 'ready' || agent.state === 'not_ready'
  return (
    <>
      {talks && (
        <Dropdown trigger={['click']} disabled={!own || busy} menu={{ items: DEEDS.map((d) => ({ key: d, label: t(`deed.${d}`), danger: d === 'hang_up' })), onClick: ({ key }) => begin(key as Deed) }}>
          <Button size="small" type="primary" loading={busy} data-call={agent.id}>
            {t('deed.menu')} ▾
          </Button>
        </Dropdown>
      )}
      {idle && (
        <Button size="small" type="text" disabled={!own || busy} onClick={() => begin('place')}>
          {t('deed.place')}
        </Button>
      )}
      <Modal
        open={asking !== null}
        title={asking && t(`deed.${asking}`)}
        okText={t('deed.go')}
        cancelText={t('help.close')}
        confirmLoading={busy}
        okButtonProps={{ disabled: text.trim() === '' }}
        onOk={() => asking && void send(asking, targetOf(text.trim(), options))}
        onCancel={() => setAsking(null)}
        destroyOnHidden
      >
        <AutoComplete
          autoFocus
          value={text}
          options={options}
          onChange={setText}
          showSearch={{ filterOption: (typed, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(typed.toLowerCase()) }}
          placeholder={t(asking === 'place' ? 'deed.number' : 'deed.target')}
          style={{ width: '100%' }}
          aria-label={t(asking === 'place' ? 'deed.number' : 'deed.target')}
        />
      </Modal>
    </>
  )
}
