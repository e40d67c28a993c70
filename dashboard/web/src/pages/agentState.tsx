// What an agent's state looks like and how it is set, on every page that does.

import { App as AntApp, Button, Dropdown, Space } from 'antd'
import { useEffect, useState } from 'react'
import { useTick, useTickNow } from '../app/hooks'
import { silenceHint, silenceText, useLanguage } from '../i18n'
import type { Live } from '../live'
import { RONA } from '../rings'
import { duration } from '../time'
import type { Agent, AgentState } from '../wire'
import { problemOf, request, type Reason } from './api'
import { useSaid } from './useAsk'

/** The house's own reasons; those set by the centre itself cannot be asked for. */
export function useReasons(): Reason[] {
  const [reasons, setReasons] = useState<Reason[]>([])
  useEffect(() => {
    request<{ reasons: Reason[] }>('GET', '/reasons')
      .then((r) => setReasons(r.reasons))
      .catch(() => undefined) // ready and sign out still work
  }, [])
  return reasons
}

const UNDO_S = 10

/** An agent as far as their state is set. */
export type Placed = Pick<Agent, 'id' | 'name' | 'nameEn' | 'state' | 'reason' | 'pending'>

export interface Want {
  state: AgentState
  reason: string
}

/** What an agent would be put back to: a call in progress is not a wish. */
export function wish(a: Placed): Want {
  if (a.pending) return a.pending
  if (a.state === 'not_ready') return { state: 'not_ready', reason: a.reason === RONA || a.reason === 'refused' ? '' : a.reason }
  return { state: a.state === 'logged_out' ? 'logged_out' : 'ready', reason: '' }
}

export function For({ since }: { since: number | null }) {
  const now = useTickNow()
  return <span className="num">{since === null ? '' : duration(now - since)}</span>
}

export function useSetState(onSignedOut: () => void) {
  const { t, word, name } = useLanguage()
  const { message } = AntApp.useApp()
  const said = useSaid()

  const post = async (agent: Placed, want: Want): Promise<boolean> => {
    try {
      await request('POST', `/agents/${encodeURIComponent(agent.id)}/state`, want.reason ? want : { state: want.state })
      return true
    } catch (e) {
      const p = problemOf(e)
      if (p.status === 401) onSignedOut()
      else void message.error(t('agents.failed', { name: name(agent), detail: said(p) }), 6)
      return false
    }
  }
  return async (agent: Placed, want: Want) => {
    const before = wish(agent)
    if (!(await post(agent, want))) return
    const key = `set-${agent.id}`
    const undo = async () => {
      message.destroy(key)
      if (await post(agent, before)) void message.info(t('agents.undone', { name: name(agent) }))
    }
    const shown = want.reason ? word('reason', want.reason) : word('state', want.state)
    void message.open({
      key,
      type: 'success',
      duration: UNDO_S,
      content: (
        <span className="undo">
          {t('agents.set', { name: name(agent), state: shown })}
          {(before.state !== 'not_ready' || before.reason) && (
            <Button size="small" onClick={() => void undo()}>
              {t('agents.undo')}
            </Button>
          )}
        </span>
      ),
    })
  }
}

export function StateButtons({ agent, own, narrow, reasons, set }: { agent: Agent; own: boolean; narrow: boolean; reasons: Reason[]; set: (a: Agent, w: Want) => void }) {
  const { t, lang } = useLanguage()
  const now = wish(agent)
  const items = reasons.map((r) => ({ key: r.code, label: lang === 'en' ? r.name_en : r.name }))
  return (
    <Space size={6} wrap={narrow} title={own ? undefined : t('agents.own')} data-set={agent.id}>
      <Button size="small" disabled={!own || now.state === 'ready'} onClick={() => set(agent, { state: 'ready', reason: '' })}>
        {t('agents.ready')}
      </Button>
      <Dropdown trigger={['click']} disabled={!own} menu={{ items, onClick: ({ key }) => set(agent, { state: 'not_ready', reason: key }) }}>
        <Button size="small">{t('agents.not_ready')} ▾</Button>
      </Dropdown>
      <Button size="small" type="text" disabled={!own || now.state === 'logged_out'} onClick={() => set(agent, { state: 'logged_out', reason: '' })}>
        {t('agents.logged_out')}
      </Button>
    </Space>
  )
}

export function Notice({ live, cut }: { live: Live; cut: boolean }) {
  const { t } = useLanguage()
  useTick()
  const silence = live.silence()
  if (silence) {
    return (
      <div className="desk-notice" role="alert" data-stale={silence.of}>
        <b className="num">■ {silenceText(t, silence, live.get().frame?.timezone)}</b> {silenceHint(t, silence)}
      </div>
    )
  }
  return cut ? (
    <div className="desk-notice" role="alert">
      <b>■ {t('live.switch')}</b> {t('live.switch.hint')}
    </div>
  ) : null
}
