import { Alert, App as AntApp, Button, Grid, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { LiveContext, useKeys, useLive, useSnapshot, useTickNow } from '../app/hooks'
import { useLanguage, useTitle } from '../i18n'
import { clock, duration } from '../time'
import { Notice } from './agentState'
import { problemOf, request } from './api'
import { BanModal, type Wanted } from './BanModal'
import { again, canBan, type Ban, type Turned } from './limitsData'
import { forText, moment } from './limitsText'
import { LimitsUse } from './LimitsUse'
import { useAsk, useSaid } from './useAsk'
import { useLimits } from './useLimits'
import './limits.css'

/** How long a deed can be taken back from its notice, s. */
const UNDO_S = 8

/** What is left of a ban, counting down. */
function Left({ until }: { until: number }) {
  const now = useTickNow()
  return <span className="num">{duration(until - now)}</span>
}

/** What the house takes in at most, who is not let in, and the calls that were turned away. */
export default function Limits({ onSignedOut }: { onSignedOut: () => void }) {
  const { t, lang, word } = useLanguage()
  const { message } = AntApp.useApp()
  const live = useLive()
  const { frame } = useSnapshot(live)
  const { limits, bans, problem, look } = useLimits(onSignedOut)
  const [asking, setAsking] = useState<string | null>(null)
  const ask = useAsk(onSignedOut)
  const said = useSaid()
  const narrow = !Grid.useBreakpoint().sm
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  useTitle(t('title.limits'))
  useKeys({ b: () => setAsking('') })

  const tell = (key: string, text: string, undo: (() => Promise<unknown>) | null) =>
    message.open({
      key,
      type: 'success',
      duration: UNDO_S,
      content: (
        <span className="undo">
          {text}
          {undo && (
            <Button
              onClick={() => {
                message.destroy(key)
                void undo().then(look)
              }}
            >
              {t('agents.undo')}
            </Button>
          )}
        </span>
      ),
    })
  const post = (body: object) => ask('POST', '/bans', body)
  const remove = (number: string) => ask('DELETE', `/bans/${encodeURIComponent(number)}`)

  const ban = async (w: Wanted): Promise<string> => {
    const before = bans?.find((b) => b.number === w.number)
    try {
      await request('POST', '/bans', w)
    } catch (e) {
      const p = problemOf(e)
      if (p.status === 401) onSignedOut()
      return said(p)
    }
    void look()
    const old = before && again(before, live.serverNow())
    void tell(`ban-${w.number}`, t('bans.added', { number: w.number, time: forText(t, w.for_ms) }), () => (old ? post(old) : remove(w.number)))
    return ''
  }
  const lift = async (b: Ban) => {
    if (!(await remove(b.number))) return void look()
    void look()
    void tell(`ban-${b.number}`, t('bans.lifted', { number: b.number }), async () => {
      const back = again(b, live.serverNow())
      if (back) await post(back)
      else void message.info(t('bans.over', { number: b.number }))
    })
  }

  const why = (b: Ban) => (
    <span className="two">
      <span>{b.note || t(b.refused > 0 ? 'bans.flood' : 'bans.hand')}</span>
      <small className="num">{b.refused > 0 ? t('bans.before', { n: b.refused }) : b.by}</small>
    </span>
  )
  const until = (b: Ban) => (
    <span className="two">
      {b.until === null ? <span>{t('bans.forever')}</span> : <Left until={b.until} />}
      <small className="num">
        {b.since !== null && (!narrow || b.until === null) && t('bans.since', { time: moment(b.since, live.serverNow(), zone, lang) })}
        {b.until !== null && ` ${t('bans.until', { time: moment(b.until, live.serverNow(), zone, lang) })}`}
      </small>
    </span>
  )
  const number = (b: Ban) => (
    <span className="two">
      <b className="num">{b.number}</b>
      {narrow && <small>{b.note || t(b.refused > 0 ? 'bans.flood' : 'bans.hand')}</small>}
    </span>
  )
  const columns: TableColumnsType<Ban> = [
    { title: t('bans.number'), key: 'number', render: (_, b) => number(b) },
    { title: t('bans.left'), key: 'until', width: narrow ? 110 : undefined, render: (_, b) => until(b) },
    { title: t('bans.why'), key: 'why', responsive: ['sm'], render: (_, b) => why(b) },
    { title: t('bans.turned'), key: 'turned', align: 'right', responsive: ['sm'], width: 110, render: (_, b) => <span className="num">{b.turned}</span> },
    {
      key: 'lift',
      align: 'right',
      width: narrow ? 76 : 110,
      render: (_, b) => (
        <Button size="small" data-lift={b.number} onClick={() => void lift(b)}>
          {t('bans.lift')}
        </Button>
      ),
    },
  ]
  const banned = new Set((bans ?? []).map((b) => b.number))
  const turned: TableColumnsType<Turned> = [
    { title: t('calls.time'), key: 'time', width: 96, render: (_, c) => <span className="num">{c.at === null ? '' : clock(c.at, zone)}</span> },
    {
      title: t('calls.caller'),
      key: 'caller',
      render: (_, c) => (
        <span className="two num">
          {c.caller || t('desk.hidden')}
          <small>→ {c.number}</small>
        </span>
      ),
    },
    { title: t('limits.reason'), key: 'reason', render: (_, c) => word('why', c.reason) },
    {
      key: 'ban',
      align: 'right',
      width: 90,
      render: (_, c) =>
        canBan(c.caller) &&
        !banned.has(c.caller) && (
          <Button size="small" type="text" onClick={() => setAsking(c.caller)}>
            {t('bans.do')}
          </Button>
        ),
    },
  ]
  return (
    <LiveContext value={live}>
      <main className="desk-page limits">
        <div className="desk-head">
          <h1>{t('title.limits')}</h1>
          <Button type="primary" onClick={() => setAsking('')} data-add>
            {t('bans.add')} <kbd>B</kbd>
          </Button>
        </div>
        <Notice live={live} cut={false} />
        {problem && <Alert style={{ marginBottom: 16 }} type="error" title={t('limits.failed', { detail: said(problem) })} action={<Button onClick={() => void look()}>{t('calls.retry')}</Button>} />}
        <div className="limits-grid">
          <section aria-label={t('bans.title')}>
            <h2>
              {t('bans.title')} <span className="count num">{bans && bans.length > 0 ? bans.length : ''}</span>
            </h2>
            <Table<Ban>
              rowKey="number"
              columns={columns}
              dataSource={(bans ?? []).toReversed()}
              loading={bans === null && !problem}
              pagination={false}
              locale={{
                emptyText: (
                  <div className="bans-none">
                    <b>{t('bans.none')}</b>
                    <p>{t('bans.none.hint')}</p>
                    {limits && <p>{limits.rule.after > 0 ? t('bans.rule', { n: limits.rule.after, within: forOf(t, limits.rule.withinMs), time: forOf(t, limits.rule.forMs) }) : t('bans.norule')}</p>}
                  </div>
                ),
              }}
              onRow={(b) => ({
                tabIndex: 0,
                'data-ban': b.number,
                onKeyDown: (e) => {
                  if (e.key === 'Delete' && e.target === e.currentTarget) void lift(b)
                },
              })}
            />
            <h2>{t('limits.last')}</h2>
            <Table<Turned>
              rowKey={(c) => `${c.at} ${c.caller} ${c.number} ${c.reason}`}
              size="small"
              columns={turned}
              dataSource={limits?.last ?? []}
              loading={limits === null && !problem}
              pagination={false}
              locale={{ emptyText: <div className="bans-none">{t('limits.last.none')}</div> }}
            />
          </section>
          <LimitsUse limits={limits} />
        </div>
        <BanModal number={asking} known={(n) => banned.has(n)} send={ban} onClose={() => setAsking(null)} />
      </main>
    </LiveContext>
  )
}

/** A time of the rule, which can be of seconds. */
const forOf = (t: Parameters<typeof forText>[0], ms: number) => (ms % 60_000 === 0 ? forText(t, ms) : t('unit.s', { n: Math.round(ms / 1000) }))
