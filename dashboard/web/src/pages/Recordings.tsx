import { Alert, Button, Grid, Table, Tag, type TableColumnsType } from 'antd'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { navigate } from '../app/router'
import { useLanguage, useTitle } from '../i18n'
import { clock, duration } from '../time'
import { problemOf, request, type Problem } from './api'
import { RecordingFilters } from './RecordingFilters'
import { queryOf, readSearch, writeSearch, type FoundRecording, type RecordingPage, type Search } from './recordingsData'
import { useRecordingsText } from './recordingsText'
import { useHouse } from './useCalls'
import './recordings.css'

const SHOWN_MS = 3000 // of dead air or cross-talk worth a word

/** Recordings, newest first, by all that is on record of them. For supervisors and QA. */
export default function Recordings({ onSignedOut }: { onSignedOut: () => void }) {
  const { t, name } = useLanguage()
  const s = useRecordingsText()
  const { frame } = useHouse()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const [search, setSearch] = useState<Search>(() => readSearch(window.location.search))
  const [rows, setRows] = useState<FoundRecording[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [count, setCount] = useState<{ n: number; more: boolean } | null>(null)
  const [busy, setBusy] = useState(true)
  const [problem, setProblem] = useState<Problem | null>(null)
  const narrow = !Grid.useBreakpoint().md
  useTitle(s('title'))

  useEffect(() => {
    const back = () => setSearch(readSearch(window.location.search))
    window.addEventListener('popstate', back)
    return () => window.removeEventListener('popstate', back)
  }, [])
  const look = useCallback((to: Search) => {
    const clean = readSearch(writeSearch(to))
    setSearch(clean)
    navigate(`/recordings${writeSearch(clean)}`)
  }, [])

  const read = useCallback(
    (cursor: string) => {
      let left = false
      setBusy(true)
      setProblem(null)
      request<RecordingPage>('GET', `/recordings?${queryOf(search, cursor)}`)
        .then((r) => {
          if (left) return
          setRows((old) => (cursor ? [...old, ...r.recordings] : r.recordings))
          setNext(r.next_cursor)
          if (r.count !== null) setCount({ n: r.count, more: r.more })
        })
        .catch((e: unknown) => {
          if (left) return
          const p = problemOf(e)
          if (p.status === 401) onSignedOut()
          else setProblem(p)
        })
        .finally(() => !left && setBusy(false))
      return () => {
        left = true
      }
    },
    [search, onSignedOut],
  )
  useEffect(() => read(''), [read])

  const names = useMemo(() => {
    const of = (list: { id: string; name: string; nameEn: string }[] | undefined) => (id: string) => {
      const found = list?.find((x) => x.id === id)
      return found ? name(found) : id
    }
    return { queue: of(frame?.queues), agent: of(frame?.agents) }
  }, [frame, name])

  const at = (r: FoundRecording) => {
    const ms = Date.parse(r.at)
    return (
      <span className="num nowrap">
        {new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms)} {clock(ms, zone)}
      </span>
    )
  }
  const agents = (r: FoundRecording) => r.agents.map(names.agent).join(' → ') || t('fig.none')
  const length = (r: FoundRecording) => <span className="num">{duration(r.talk_ms)}</span>
  const tags = (r: FoundRecording) => (
    <span className="tags">
      {r.state !== 'kept' && (
        <Tag color={r.state === 'missing' ? 'error' : 'warning'} title={r.reason}>
          {s(`state.${r.state}`)}
        </Tag>
      )}
      {r.over_rings && <Tag color="error">{s('tag.over')}</Tag>}
      {r.release === 'agent' && <Tag color="warning">{s('tag.agent')}</Tag>}
      {r.mark > 0 && <Tag color={r.mark <= 2 ? 'error' : r.mark >= 4 ? 'success' : 'default'}>{s('tag.mark', { n: r.mark })}</Tag>}
      {(r.dead_air_ms ?? 0) >= SHOWN_MS && <Tag>{s('tag.dead', { n: Math.round((r.dead_air_ms ?? 0) / 1000) })}</Tag>}
      {(r.crosstalk_ms ?? 0) >= SHOWN_MS && <Tag>{s('tag.cross', { n: Math.round((r.crosstalk_ms ?? 0) / 1000) })}</Tag>}
      {r.category === '' && <Tag>{s('tag.unregistered')}</Tag>}
      {r.held && <Tag color="processing">{s('tag.held')}</Tag>}
    </span>
  )
  const score = (r: FoundRecording) => (r.score === null ? <span className="dim">{t('fig.none')}</span> : <b className="num">{r.score.toFixed(1)}</b>)
  const wide: TableColumnsType<FoundRecording> = [
    { title: s('time'), key: 'at', width: 190, render: (_, r) => at(r) },
    { title: s('agent'), key: 'agent', width: 170, render: (_, r) => agents(r) },
    { title: s('queue'), key: 'queue', width: 150, render: (_, r) => names.queue(r.queue) },
    { title: s('number'), key: 'number', width: 150, render: (_, r) => <span className="num">{r.number}</span> },
    { title: s('length'), key: 'talk', width: 90, align: 'right', render: (_, r) => length(r) },
    { title: s('notes'), key: 'tags', render: (_, r) => tags(r) },
    { title: s('score'), key: 'score', width: 100, align: 'right', render: (_, r) => score(r) },
  ]
  const slim: TableColumnsType<FoundRecording> = [
    {
      title: s('one'),
      key: 'one',
      render: (_, r) => (
        <span className="two">
          <span>
            {agents(r)} · <span className="num">{r.number}</span>
          </span>
          <small>
            {at(r)} · {names.queue(r.queue)}
          </small>
          {tags(r)}
        </span>
      ),
    },
    { title: s('length'), key: 'talk', width: 78, align: 'right', render: (_, r) => length(r) },
  ]
  const open = (r: FoundRecording) => navigate(`/recordings/${encodeURIComponent(r.call)}`)
  return (
    <main className="desk-page recordings">
      <div className="desk-head">
        <h1>{s('title')}</h1>
        {count && <span className="dim num">{s(count.more ? 'count.more' : 'count', { n: count.n })}</span>}
      </div>
      <RecordingFilters
        search={search}
        agents={(frame?.agents ?? []).map((a) => ({ value: a.id, label: `${name(a)} ${a.id}` }))}
        queues={(frame?.queues ?? []).map((q) => ({ value: q.id, label: name(q) }))}
        onSearch={look}
      />
      {problem && (
        <Alert
          className="recordings-problem"
          type="error"
          title={s('failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          action={<Button onClick={() => read('')}>{s('retry')}</Button>}
        />
      )}
      <Table<FoundRecording>
        rowKey="call"
        columns={narrow ? slim : wide}
        dataSource={rows}
        loading={busy}
        pagination={false}
        scroll={narrow ? undefined : { x: 'max-content' }}
        locale={{ emptyText: problem ? t('fig.none') : s('none') }}
        onRow={(r) => ({
          tabIndex: 0,
          onClick: () => open(r),
          onKeyDown: (e) => {
            if (e.key === 'Enter') open(r)
          },
        })}
      />
      {next && (
        <div className="recordings-next">
          <Button loading={busy} onClick={() => read(next)}>
            {s('next')}
          </Button>
        </div>
      )}
    </main>
  )
}
