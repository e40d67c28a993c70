import { Grid, Input, Space, Table, type TableColumnsType } from 'antd'
import { useMemo, useState } from 'react'
import { LiveContext, useLive, useSnapshot } from '../app/hooks'
import { useLanguage, useTitle } from '../i18n'
import { RONA } from '../rings'
import { percent } from '../time'
import { StateIcon } from '../wallboard/icons'
import { AGENT_STATES, type Agent } from '../wire'
import { For, Notice, StateButtons, useReasons, useSetState } from './agentState'
import type { Session } from './api'
import { CallMenu } from './CallMenu'
import { Duty } from './Duty'
import { QueueDay } from './QueueDay'

export default function Agents({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t, lang, word, name } = useLanguage()
  const live = useLive()
  const { frame } = useSnapshot(live)
  const [search, setSearch] = useState('')
  const set = useSetState(onSignedOut)
  const reasons = useReasons()
  const narrow = !Grid.useBreakpoint().sm
  useTitle(t('title.agents'))

  const shown = useMemo(() => {
    const words = search.trim().toLowerCase()
    return (frame?.agents ?? []).filter((a) => !words || [a.id, a.name, a.nameEn].some((v) => v.toLowerCase().includes(words)))
  }, [frame, search])
  const queueName = (id: string) => {
    const q = frame?.queues.find((x) => x.id === id)
    return q ? name(q) : id
  }

  const state = (a: Agent) => {
    const reason = (lang === 'en' ? a.reasonNameEn : a.reasonName) || (a.reason && word('reason', a.reason))
    return (
      <span className={`state s-${a.reason === RONA ? 'missed' : a.state}`}>
        <StateIcon state={a.state} />
        {word('state', a.state)}
        {a.state === 'not_ready' && reason && <em>{reason}</em>}
        {a.pending && <em>→ {a.pending.reason ? word('reason', a.pending.reason) : word('state', a.pending.state)}</em>}
      </span>
    )
  }
  const columns: TableColumnsType<Agent> = [
    {
      title: t('agents.col.agent'),
      key: 'agent',
      width: narrow ? undefined : 150,
      sorter: (a, b) => name(a).localeCompare(name(b), lang),
      render: (_, a) => (
        <span className="who">
          <b>{name(a)}</b>
          <small className="num">{a.id}</small>
          {narrow && (
            <>
              {state(a)}
              {a.since !== null && (
                <small>
                  <For since={a.since} />
                </small>
              )}
            </>
          )}
        </span>
      ),
    },
    {
      title: t('agents.col.state'),
      key: 'state',
      width: 190,
      responsive: ['sm'],
      sorter: (a, b) => AGENT_STATES.indexOf(a.state) - AGENT_STATES.indexOf(b.state),
      render: (_, a) => state(a),
    },
    { title: t('agents.col.for'), key: 'for', width: 110, responsive: ['sm'], sorter: (a, b) => (b.since ?? 0) - (a.since ?? 0), render: (_, a) => <For since={a.since} /> },
    {
      title: t('agents.col.call'),
      key: 'call',
      width: 200,
      responsive: ['lg'],
      render: (_, a) => (a.caller ? <span className="num nowrap">{[queueName(a.queue), a.caller].filter(Boolean).join(' · ')}</span> : <span className="dim">{t('fig.none')}</span>),
    },
    { title: t('agents.col.queues'), key: 'queues', responsive: ['xxl'], render: (_, a) => <span className="dim">{a.queues.map(queueName).join(lang === 'en' ? ', ' : '、')}</span> },
    {
      title: t('agents.col.today'),
      key: 'today',
      responsive: ['lg'],
      width: 190,
      sorter: (a, b) => a.today.answered - b.today.answered,
      render: (_, a) => <span className="num nowrap">{t('agents.today', { answered: a.today.answered, missed: a.today.missed })}</span>,
    },
    {
      title: t('agents.col.rings'),
      key: 'rings',
      responsive: ['xxl'],
      width: 120,
      sorter: (a, b) => a.today.rungWithin / (a.today.rung || 1) - b.today.rungWithin / (b.today.rung || 1),
      render: (_, a) => <span className="num">{a.today.rung ? `${percent(a.today.rungWithin / a.today.rung)}%` : t('fig.none')}</span>,
    },
    {
      title: t('agents.col.set'),
      key: 'set',
      width: narrow ? 192 : 350,
      render: (_, a) => {
        const own = session.role === 'supervisor' || session.agent === a.id
        return (
          <Space size={6} wrap={narrow}>
            <StateButtons agent={a} own={own} narrow={narrow} reasons={reasons} set={(x, w) => void set(x, w)} />
            <CallMenu agent={a} agents={frame?.agents ?? []} queues={frame?.queues ?? []} own={own} onSignedOut={onSignedOut} />
          </Space>
        )
      },
    },
  ]
  return (
    <LiveContext value={live}>
      <main className="desk-page">
        <div className="desk-head">
          <h1>
            {t('title.agents')} <span className="count num">{frame && t('agents.count', { n: frame.agents.length })}</span>
          </h1>
          {session.role === 'supervisor' && <QueueDay onSignedOut={onSignedOut} />}
          <Input.Search className="find" allowClear placeholder={t('agents.search')} aria-label={t('agents.search')} value={search} onChange={(e) => setSearch(e.target.value)} />
        </div>
        <Notice live={live} cut={frame?.switch === false} />
        {frame && session.role === 'supervisor' && <Duty frame={frame} onSignedOut={onSignedOut} />}
        <Table<Agent> rowKey="id" columns={columns} dataSource={shown} loading={!frame} pagination={false} scroll={narrow ? undefined : { x: 'max-content' }} locale={{ emptyText: t(search.trim() ? 'agents.notfound' : 'agents.none') }} />
      </main>
    </LiveContext>
  )
}
