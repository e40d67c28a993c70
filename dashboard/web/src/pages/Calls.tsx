import { Alert, Button, Select, Table, type TableColumnsType } from 'antd'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ringsHeard, useLanguage, useTitle } from '../i18n'
import { clock, duration, seconds } from '../time'
import { instant, parseFrame, type Frame } from '../wire'
import { problemOf, request, type CallPage, type CallRow, type Problem, type Session } from './api'
import { CallDrawer } from './CallDrawer'

const PAGE = 50

interface Filter {
  queue: string
  outcome: string
  agent: string
}

const OUTCOMES = ['answered', 'abandoned', 'overflowed', 'turned_away'] as const

/** The calls so far read, newest first, and how to read on. */
function useCalls(filter: Filter, day: string | null, onSignedOut: () => void) {
  const [rows, setRows] = useState<CallRow[]>([])
  const [next, setNext] = useState('')
  const [busy, setBusy] = useState(true)
  const [problem, setProblem] = useState<Problem | null>(null)
  const asked = useRef(0)

  const read = useCallback(
    (cursor: string) => {
      if (day === null) return
      const turn = ++asked.current
      setBusy(true)
      const query = new URLSearchParams({ limit: String(PAGE) })
      if (day) query.set('since', day)
      if (cursor) query.set('cursor', cursor)
      for (const [key, value] of Object.entries(filter)) if (value) query.set(key, value)
      request<CallPage>('GET', `/calls?${query}`)
        .then((page) => {
          if (turn !== asked.current) return
          setRows((old) => (cursor ? [...old, ...(page.calls ?? [])] : (page.calls ?? [])))
          setNext(page.next_cursor ?? '')
          setProblem(null)
        })
        .catch((e: unknown) => {
          if (turn !== asked.current) return
          const p = problemOf(e)
          if (p.status === 401) onSignedOut()
          else setProblem(p)
        })
        .finally(() => {
          if (turn === asked.current) setBusy(false)
        })
    },
    [filter, day, onSignedOut],
  )
  useEffect(() => read(''), [read])
  return { rows, next, busy, problem, read }
}

/** The house's day, and names of queues and agents, from one frame of the wallboard; day null while asking. */
function useHouse(): { frame: Frame | null; day: string | null } {
  const [house, setHouse] = useState<{ frame: Frame | null; day: string | null }>({ frame: null, day: null })
  useEffect(() => {
    request<unknown>('GET', '/wallboard')
      .then((v) => {
        const frame = parseFrame(JSON.stringify(v))
        setHouse({ frame, day: frame?.day ?? '' })
      })
      .catch(() => setHouse({ frame: null, day: '' })) // ids are shown then
  }, [])
  return house
}

export default function Calls({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t, lang, word, name } = useLanguage()
  const [filter, setFilter] = useState<Filter>({ queue: '', outcome: '', agent: '' })
  const { frame, day } = useHouse()
  const { rows, next, busy, problem, read } = useCalls(filter, day, onSignedOut)
  const [open, setOpen] = useState<CallRow | null>(null)
  useTitle(t('title.calls'))

  const names = useMemo(() => {
    const of = (list: { id: string; name: string; nameEn: string }[] | undefined) => (id: string) => {
      const found = list?.find((x) => x.id === id)
      return found ? name(found) : id
    }
    return { queue: of(frame?.queues), agent: of(frame?.agents), zone: frame?.timezone ?? 'Asia/Shanghai' }
  }, [frame, name])

  const columns: TableColumnsType<CallRow> = [
    { title: t('calls.time'), key: 'time', width: 110, render: (_, c) => <span className="num">{clock(instant(c.arrived_at) ?? 0, names.zone)}</span> },
    { title: t('calls.queue'), key: 'queue', responsive: ['sm'], width: 170, render: (_, c) => names.queue(c.queue) },
    { title: t('calls.caller'), key: 'caller', width: 150, render: (_, c) => <span className="num">{c.caller}</span> },
    { title: t('calls.outcome'), key: 'outcome', width: 130, render: (_, c) => <span className={`outcome ${c.outcome || 'now'}`}>{word('outcome', c.outcome)}</span> },
    { title: t('calls.wait'), key: 'wait', width: 100, align: 'right', render: (_, c) => <span className="num">{t('unit.s', { n: seconds(c.wait_ms) })}</span> },
    {
      title: t('calls.rings'),
      key: 'rings',
      responsive: ['md'],
      width: 130,
      align: 'right',
      render: (_, c) => (c.rings && c.rings.heard > 0 ? <span className={c.rings.within ? 'num' : 'num rings-bad'}>{ringsHeard(t, c.rings.heard)}</span> : <span className="dim">{t('fig.none')}</span>),
    },
    { title: t('calls.agent'), key: 'agent', responsive: ['md'], width: 150, render: (_, c) => (c.agent ? names.agent(c.agent) : <span className="dim">{t('fig.none')}</span>) },
    { title: t('calls.talk'), key: 'talk', responsive: ['md'], width: 100, align: 'right', render: (_, c) => (c.talk_ms > 0 ? <span className="num">{duration(c.talk_ms)}</span> : <span className="dim">{t('fig.none')}</span>) },
    { title: t('calls.release'), key: 'release', responsive: ['md'], width: 120, render: (_, c) => (c.release ? word('release', c.release) : <span className="dim">{t('fig.none')}</span>) },
  ]
  const choose = (key: keyof Filter, label: string, options: { value: string; label: string }[]) => (
    <Select
      aria-label={label}
      style={{ minWidth: 150 }}
      value={filter[key]}
      onChange={(value: string) => setFilter((f) => ({ ...f, [key]: value }))}
      options={[{ value: '', label: `${label}${lang === 'en' ? ': ' : ':'}${t('calls.all')}` }, ...options]}
    />
  )
  return (
    <main className="desk-page calls">
      <div className="desk-head">
        <h1>{t('title.calls')}</h1>
        {choose('queue', t('calls.queue'), (frame?.queues ?? []).map((q) => ({ value: q.id, label: name(q) })))}
        {choose('outcome', t('calls.outcome'), OUTCOMES.map((o) => ({ value: o, label: word('outcome', o) })))}
        {choose('agent', t('calls.agent'), (frame?.agents ?? []).map((a) => ({ value: a.id, label: `${name(a)} ${a.id}` })))}
        <Button onClick={() => read('')}>{t('calls.refresh')}</Button>
      </div>
      {problem && (
        <Alert
          style={{ marginBottom: 16 }}
          type="error"
          title={t('calls.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          action={<Button onClick={() => read('')}>{t('calls.retry')}</Button>}
        />
      )}
      <Table<CallRow>
        rowKey="id"
        columns={columns}
        dataSource={rows}
        loading={busy}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('calls.none') }}
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
      <CallDrawer call={open} listens={session.role === 'supervisor'} names={names} onClose={() => setOpen(null)} onSignedOut={onSignedOut} />
    </main>
  )
}
