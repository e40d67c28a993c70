import { Button, Dropdown } from 'antd'
import { useLanguage } from '../i18n'
import { RONA } from '../rings'
import { StateIcon } from '../wallboard/icons'
import { For, useReasons, wish } from './agentState'
import type { DeskAgent } from './deskData'

/** The agent's state, for how long, and what comes next. */
export function DeskState({ agent, busy, set }: { agent: DeskAgent; busy: boolean; set: (state: string, reason?: string) => void }) {
  const { t, lang, word } = useLanguage()
  const reasons = useReasons()
  const now = wish(agent)
  const reason = (lang === 'en' ? agent.reasonNameEn : agent.reasonName) || (agent.reason && word('reason', agent.reason))
  const missed = agent.state === 'not_ready' && agent.reason === RONA
  const away = agent.phone !== '' && agent.phone !== 'idle' && agent.state !== 'on_call' && agent.state !== 'reserved'
  const named = (code: string) => {
    const r = reasons.find((x) => x.code === code)
    return r ? (lang === 'en' ? r.name_en : r.name) : word('reason', code)
  }
  // What is to be done about it stands in the same line.
  const next = agent.pending
    ? t('pending.next', { state: agent.pending.reason ? named(agent.pending.reason) : word('state', agent.pending.state) })
    : missed
      ? t('desk.missed')
      : away && agent.phone === 'offline'
        ? t('desk.phone.offline')
        : agent.state === 'logged_out'
          ? t('desk.logged_out')
          : ''
  return (
    <section className={`my-card my-state s-${missed ? 'missed' : agent.state}`} data-state={agent.state} aria-live="polite">
      <div className="my-now">
        <StateIcon state={agent.state} />
        <b>{word('state', agent.state)}</b>
        <em>{agent.state === 'not_ready' ? reason : ''}</em>
        <span className="my-for">
          <For since={agent.since} />
        </span>
      </div>
      <p className="my-next">{next}</p>
      <div className="my-buttons">
        <Button size="large" type={now.state === 'ready' ? 'default' : 'primary'} disabled={busy || now.state === 'ready' || (agent.state === 'wrap_up' && agent.unregistered)} onClick={() => set('ready')}>
          {t('agents.ready')} <kbd>R</kbd>
        </Button>
        <Dropdown trigger={['click']} menu={{ items: reasons.map((r) => ({ key: r.code, label: lang === 'en' ? r.name_en : r.name })), onClick: ({ key }) => set('not_ready', key) }}>
          <Button size="large" data-key="n" disabled={busy}>
            {t('agents.not_ready')} ▾ <kbd>N</kbd>
          </Button>
        </Dropdown>
        <Button size="large" type="text" disabled={busy || now.state === 'logged_out'} onClick={() => set('logged_out')}>
          {t('agents.logged_out')}
        </Button>
        <Button size="large" type="text" disabled={busy || agent.state !== 'on_call' || agent.pending?.state === 'wrap_up'} onClick={() => set('wrap_up')}>
          {t('desk.wrap_up')} <kbd>W</kbd>
        </Button>
      </div>
    </section>
  )
}
