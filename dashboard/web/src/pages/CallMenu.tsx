import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import { useLanguage } from '../i18n'
import type { Agent, Queue } from '../wire'
import { DEEDS, type Deed, type Target } from './deskData'
import { TargetModal, type Asked } from './TargetModal'
import { useAsk } from './useAsk'

/** Carries out what an agent does in, or with, a call; tells whether it went well. */
export function useDeeds(agent: string, onSignedOut: () => void) {
  const ask = useAsk(onSignedOut)
  const path = `/agents/${encodeURIComponent(agent)}`
  return async (deed: Deed | 'place', to?: Target): Promise<boolean> =>
    (deed === 'place'
      ? await ask('POST', `${path}/calls`, { number: to?.number ?? '' })
      : await ask('POST', `${path}/conversation`, to ? { do: deed, to } : { do: deed })) !== null
}

/** The menu of the call that an agent has, or the button to place one. */
export function CallMenu({ agent, agents, queues, own, onSignedOut }: { agent: Agent; agents: Agent[]; queues: Queue[]; own: boolean; onSignedOut: () => void }) {
  const { t } = useLanguage()
  const [asking, setAsking] = useState<Asked | null>(null)
  const [busy, setBusy] = useState(false)
  const send = useDeeds(agent.id, onSignedOut)

  const begin = (deed: Deed | 'place') => {
    if (deed === 'transfer' || deed === 'consult' || deed === 'place') return setAsking(deed)
    setBusy(true)
    void send(deed).finally(() => setBusy(false))
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
      <TargetModal asked={asking} self={agent.id} agents={agents} queues={queues} send={send} onClose={() => setAsking(null)} />
    </>
  )
}
