import { Alert, Button, Grid, Select, Table, Tag, type TableColumnsType } from 'antd'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useLanguage, useTitle } from '../i18n'
import { clock, duration, seconds } from '../time'
import { problemOf, request, type CallDetail, type CallRow, type Problem } from './api'
import { CallDrawer } from './CallDrawer'
import { gapText, REASONS, type Gap, type GapPage } from './proofData'
import { useProofText } from './proofText'
import { useHouse } from './useCalls'
import './proof.css'

/** What is not in recordings as it should be, newest first. For supervisors and QA. */
export default function Gaps({ onSignedOut }: { onSignedOut: () => void }) {
  const { t, name } = useLanguage()
  const { say, one } = useProofText()
  const { frame, offset } = useHouse()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const [reason, setReason] = useState('')
  const [gaps, setGaps] = useState<Gap[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [busy, setBusy] = useState(true)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [open, setOpen] = useState<CallRow | null>(null)
  const narrow = !Grid.useBreakpoint().md
  useTitle(say('title'))

  const failed = useCallback(
    (e: unknown) => {
      const p = problemOf(e)
      if (p.status === 401) onSignedOut()
      else setProblem(p)
    },
    [onSignedOut],
  )
  const read = useCallback(
    (cursor: string) => {
      const q = new URLSearchParams()
      for (const [key, value] of Object.entries({ reason, cursor })) if (value) q.set(key, value)
      let left = false
      setBusy(true)
      setProblem(null)
      request<GapPage>('GET', `/recordings/gaps?${q}`)
        .then((r) => {
          if (left) return
          setGaps((old) => (cursor ? [...old, ...r.gaps] : r.gaps))
          setNext(r.next_cursor)
        })
        .catch((e: unknown) => !left && failed(e))
        .finally(() => !left && setBusy(false))
      return () => {
        left = true
      }
    },
    [reason, failed],
  )
  useEffect(() => read(''), [read])
  const show = (g: Gap) =>
    request<CallDetail>('GET', `/calls/${encodeURIComponent(g.call)}`)
      .then((d) => setOpen(d.call))
      .catch(failed)

  const names = useMemo(() => {
    const of = (list: { id: string; name: string; nameEn: string }[] | undefined) => (id: string) => {
      const found = list?.find((x) => x.id === id)
      return found ? name(found) : id
    }
    return { queue: of(frame?.queues), agent: of(frame?.agents), zone, offset }
  }, [frame, name, zone, offset])

  const found = (g: Gap) => {
    const ms = Date.parse(g.found_at)
    return (
      <span className="num nowrap">
        {new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms)} {clock(ms, zone)}
      </span>
    )
  }
  const what = (g: Gap) => (
    <span className="two">
      <span>
        <Tag color="warning">{one('reason', g.reason)}</Tag>
      </span>
      <span className="gap-detail">{gapText(say, g)}</span>
    </span>
  )
  const wide: TableColumnsType<Gap> = [
    { title: say('found'), key: 'found', width: 190, render: (_, g) => found(g) },
    { title: say('call'), key: 'call', width: 210, render: (_, g) => <span className="num">{g.call}</span> },
    { title: say('side'), key: 'side', width: 140, render: (_, g) => one('side', g.channel) },
    { title: say('where'), key: 'at', width: 90, align: 'right', className: 'figures', render: (_, g) => <span className="num">{duration(g.at_ms)}</span> },
    { title: say('length'), key: 'length', width: 110, align: 'right', className: 'figures', render: (_, g) => <span className="num">{say('seconds', { n: seconds(g.length_ms) })}</span> },
    { title: say('detail'), key: 'what', render: (_, g) => what(g) },
  ]
  const slim: TableColumnsType<Gap> = [
    {
      title: say('detail'),
      key: 'what',
      render: (_, g) => (
        <>
          {what(g)}
          <small className="dim num">
            {one('side', g.channel)} · {found(g)}
          </small>
        </>
      ),
    },
  ]
  return (
    <main className="desk-page gaps-page">
      <div className="desk-head">
        <h1>{say('title')}</h1>
        <Select
          className="choice"
          aria-label={say('reason')}
          value={reason}
          onChange={(v: string) => setReason(v)}
          options={[{ value: '', label: say('all') }, ...REASONS.map((r) => ({ value: r, label: one('reason', r) }))]}
          style={{ minWidth: 190 }}
        />
        <Button className="refresh" onClick={() => read('')}>
          {t('calls.refresh')}
        </Button>
      </div>
      <p className="lead">{say('lead')}</p>
      {problem && (
        <Alert
          style={{ marginBottom: 16 }}
          type="error"
          title={say('failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          action={<Button onClick={() => read('')}>{t('calls.retry')}</Button>}
        />
      )}
      <Table<Gap>
        rowKey={(g) => `${g.call} ${g.n}`}
        columns={narrow ? slim : wide}
        dataSource={gaps}
        loading={busy}
        pagination={false}
        showHeader={!narrow}
        locale={{
          emptyText: problem ? (
            t('fig.none')
          ) : (
            <div className="gaps-none">
              <b>{say(reason ? 'none.reason' : 'none')}</b>
              {!reason && <p>{say('none.hint')}</p>}
            </div>
          ),
        }}
        onRow={(g) => ({
          tabIndex: 0,
          'data-gap': g.reason,
          onClick: () => void show(g),
          onKeyDown: (e) => {
            if (e.key === 'Enter') void show(g)
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
      <CallDrawer call={open} listens names={names} onClose={() => setOpen(null)} onSignedOut={onSignedOut} />
    </main>
  )
}
