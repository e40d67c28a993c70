import { Alert, Button, Grid, Select, Table, type TableColumnsType } from 'antd'
import { useMemo, useState } from 'react'
import { useTick } from '../app/hooks'
import { ringsHeard, silenceText, useLanguage, useTitle } from '../i18n'
import { clock } from '../time'
import { instant } from '../wire'
import type { CallRow, Session } from './api'
import { CallDrawer } from './CallDrawer'
import { Outcome, Talk, Wait } from './callTimes'
import { useCalls, useHouse, type Filter } from './useCalls'

const OUTCOMES = ['answered', 'abandoned', 'overflowed', 'turned_away', 'forwarded', 'called_back', 'not_reached', 'cancelled', 'left_menu', 'announced', 'voicemail', 'no_message', 'lost'] as const

/** Since when the rows below are not looked at any more. */
function HeardAt({ at, offset, zone }: { at: number; offset: number; zone: string }) {
  const { t } = useLanguage()
  useTick()
  return <span className="num">{silenceText(t, { since: at + offset, ms: Math.max(0, Date.now() - at), of: 'page' }, zone)}</span>
}

export default function Calls({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t, lang, word, name } = useLanguage()
  const [filter, setFilter] = useState<Filter>({ queue: '', outcome: '', agent: '' })
  const { frame, day, offset } = useHouse()
  const { rows, next, busy, fresh, problem, heardAt, read } = useCalls(filter, day, onSignedOut)
  const [open, setOpen] = useState<CallRow | null>(null)
  const narrow = !Grid.useBreakpoint().sm
  useTitle(t('title.calls'))

  const names = useMemo(() => {
    const of = (list: { id: string; name: string; nameEn: string }[] | undefined) => (id: string) => {
      const found = list?.find((x) => x.id === id)
      return found ? name(found) : id
    }
    return { queue: of(frame?.queues), agent: of(frame?.agents), zone: frame?.timezone ?? 'Asia/Shanghai', offset }
  }, [frame, name, offset])

  const none = <span className="dim">{t('fig.none')}</span>
  const time = (c: CallRow) => <span className="num">{clock(instant(c.arrived_at) ?? 0, names.zone)}</span>
  const heard = (c: CallRow) =>
    c.rings && c.rings.heard > 0 ? (
      <span className={c.rings.within ? 'num' : 'num rings-bad'} title={ringsHeard(t, c.rings.heard)}>
        {c.rings.within ? ringsHeard(t, c.rings.heard) : t('calls.beyond')}
      </span>
    ) : (
      none
    )
  const wide: TableColumnsType<CallRow> = [
    { title: t('calls.time'), key: 'time', width: 110, render: (_, c) => time(c) },
    { title: t('calls.queue'), key: 'queue', width: 170, render: (_, c) => names.queue(c.queue) },
    { title: t('calls.caller'), key: 'caller', width: 150, render: (_, c) => <span className="num">{c.caller}</span> },
    { title: t('calls.outcome'), key: 'outcome', width: 130, render: (_, c) => <Outcome call={c} /> },
    { title: t('calls.wait'), key: 'wait', width: 110, align: 'right', className: 'figures', render: (_, c) => <Wait call={c} offset={offset} /> },
    { title: t('calls.rings'), key: 'rings', responsive: ['md'], width: 150, align: 'right', className: 'figures', render: (_, c) => heard(c) },
    { title: t('calls.agent'), key: 'agent', responsive: ['md'], width: 150, render: (_, c) => (c.agent ? names.agent(c.agent) : none) },
    { title: t('calls.talk'), key: 'talk', responsive: ['md'], width: 110, align: 'right', className: 'figures', render: (_, c) => <Talk call={c} offset={offset} /> },
    { title: t('calls.release'), key: 'release', responsive: ['md'], width: 130, render: (_, c) => (c.release ? word('release', c.release) : none) },
  ]
  // A phone has room for three columns, of two lines each.
  const slim: TableColumnsType<CallRow> = [
    { title: t('calls.time'), key: 'time', width: 84, render: (_, c) => time(c) },
    {
      title: t('calls.caller'),
      key: 'caller',
      render: (_, c) => (
        <span className="two num">
          {c.caller}
          <small>{names.queue(c.queue)}</small>
        </span>
      ),
    },
    {
      title: t('calls.outcome'),
      key: 'outcome',
      width: 122,
      render: (_, c) => (
        <span className="two">
          <Outcome call={c} />
          <small>
            {t('calls.wait')} <Wait call={c} offset={offset} />
          </small>
        </span>
      ),
    },
  ]
  const choose = (key: keyof Filter, label: string, options: { value: string; label: string }[]) => (
    <Select
      aria-label={label}
      className="choice"
      value={filter[key]}
      onChange={(value: string) => setFilter((f) => ({ ...f, [key]: value }))}
      options={[{ value: '', label: `${label}${lang === 'en' ? ': ' : '：'}${t('calls.all')}` }, ...options]}
    />
  )
  return (
    <main className="desk-page calls">
      <div className="desk-head">
        <h1>{t('title.calls')}</h1>
        {choose('queue', t('calls.queue'), (frame?.queues ?? []).map((q) => ({ value: q.id, label: name(q) })))}
        {choose('outcome', t('calls.outcome'), OUTCOMES.map((o) => ({ value: o, label: word('outcome', o) })))}
        {choose('agent', t('calls.agent'), (frame?.agents ?? []).map((a) => ({ value: a.id, label: `${name(a)} ${a.id}` })))}
        <Button className="refresh num" type={fresh > 0 ? 'primary' : 'default'} onClick={() => read('')}>
          {fresh > 0 ? t('calls.new', { n: fresh }) : t('calls.refresh')}
        </Button>
      </div>
      {problem && (
        <Alert
          style={{ marginBottom: 16 }}
          type="error"
          title={t('calls.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          description={heardAt === null ? undefined : <HeardAt at={heardAt} offset={offset} zone={names.zone} />}
          action={<Button onClick={() => read('')}>{t('calls.retry')}</Button>}
        />
      )}
      <Table<CallRow>
        rowKey="id"
        columns={narrow ? slim : wide}
        dataSource={rows}
        loading={busy}
        pagination={false}
        scroll={narrow ? undefined : { x: 'max-content' }}
        locale={{ emptyText: problem ? t('fig.none') : t(filter.queue || filter.outcome || filter.agent ? 'calls.none' : 'calls.none.today') }}
        onRow={(c) => ({
          tabIndex: 0,
          onClick: () => setOpen(c),
          onKeyDown: (e) => {
            if (e.key === 'Enter') setOpen(c)
          },
        })}
      />
      {next && (
        <div style={{ marginTop: 20, textAlign: 'center' }}>
          <Button loading={busy} onClick={() => read(next)}>
            {t('calls.more')}
          </Button>
        </div>
      )}
      <CallDrawer call={open} listens={session.role === 'supervisor' || session.role === 'qa'} names={names} onClose={() => setOpen(null)} onSignedOut={onSignedOut} />
    </main>
  )
}
