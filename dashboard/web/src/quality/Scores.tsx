import { Alert, Button, DatePicker, Grid, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { useTitle } from '../i18n'
import type { Session } from '../pages/api'
import { QualityTabs } from './Tabs'
import { useQuality } from './text'
import { useHouseWords, useRead } from './useQualityData'
import { Whiskers } from './Whiskers'

export interface Result {
  agent: string
  n: number
  population: number
  interval: { mean: number; low: number; high: number }
  verdict: string
  grades: string[] | null
  open: number
  fatal: number
  targeted: number
  targeted_mean: number
}

interface Report {
  grades: { name: string; from: number }[]
  results: Result[]
  differences: { a: string; b: string; by: number; p: number; adjusted: number; told: boolean }[]
}

/** A month as the picker names it: its first and the next one's first day. */
export function monthOf(text: string): { since: string; until: string } {
  const [y = 0, m = 1] = text.split('-').map(Number)
  const next = m === 12 ? [y + 1, 1] : [y, m + 1]
  return { since: `${text}-01`, until: `${next[0]}-${String(next[1]).padStart(2, '0')}-01` }
}

/** Each agent's month: the mean, how sure it is, and which differences are more than chance. */
export default function Scores({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { q, qw } = useQuality()
  const house = useHouseWords()
  const [month, setMonth] = useState('')
  const period = month ? monthOf(month) : null
  const query = period ? `since=${period.since}&until=${period.until}` : ''
  const { value, problem, again } = useRead<Report>(`/qa/scores?${query}`, onSignedOut)
  const narrow = !Grid.useBreakpoint().md
  const staff = session.role !== 'agent'
  useTitle(q('scores'))
  const told = value?.differences.filter((d) => d.told) ?? []
  const verdict = (r: Result) => qw('verdict', r.verdict).replace('{a}', r.grades?.[0] ?? '').replace('{b}', r.grades?.[1] ?? '')

  const columns: TableColumnsType<Result> = [
    { title: q('agent'), key: 'agent', render: (_, r) => house.agent(r.agent) },
    { title: q('mean'), key: 'mean', align: 'right', render: (_, r) => <b className="num">{r.n > 0 ? r.interval.mean.toFixed(1) : '–'}</b> },
    { title: q('interval'), key: 'interval', render: (_, r) => <span className="num nowrap">{r.n > 0 ? `${r.interval.low.toFixed(1)} – ${r.interval.high.toFixed(1)}` : '–'}</span> },
    ...(narrow
      ? []
      : ([
          { title: q('n'), key: 'n', render: (_: unknown, r: Result) => <span className="num">{r.population > 0 ? q('n.of', { n: r.n, of: r.population }) : r.n}</span> },
          { title: q('targetedMean'), key: 'targeted', render: (_: unknown, r: Result) => <span className="num dim">{r.targeted > 0 ? `${r.targeted_mean.toFixed(1)} (${r.targeted})` : '–'}</span> },
        ] as TableColumnsType<Result>)),
    {
      title: q('verdict'),
      key: 'verdict',
      render: (_, r) => (
        <span className="two">
          <span className={r.verdict === 'graded' ? '' : 'dim'}>{verdict(r)}</span>
          {(r.open > 0 || r.fatal > 0) && <small className="dim">{[r.open > 0 && q('open', { n: r.open }), r.fatal > 0 && q('fatalN', { n: r.fatal })].filter(Boolean).join(' · ')}</small>}
        </span>
      ),
    },
  ]
  return (
    <main className="desk-page quality">
      <QualityTabs role={session.role} />
      <div className="desk-head">
        <h1>{q('scores')}</h1>
        <DatePicker picker="month" aria-label={q('period')} placeholder={q('period')} onChange={(_, text) => setMonth(typeof text === 'string' ? text : '')} />
        {staff && <Button href={`/api/v1/qa/scores/export?format=csv&${query}`}>{q('csv')}</Button>}
        {staff && <Button href={`/api/v1/qa/scores/export?format=xlsx&${query}`}>{q('xlsx')}</Button>}
      </div>
      {problem && <Alert className="qa-alert" type="error" title={q('failed', { detail: problem.message })} action={<Button onClick={again}>{q('retry')}</Button>} />}
      {value && value.results.some((r) => r.n > 0) && (
        <div className="panel qa-alert">
          <Whiskers results={value.results.filter((r) => r.n > 0)} grades={value.grades} nameOf={house.agent} narrow={narrow} />
          <p className="dim">{q('scores.what')}</p>
        </div>
      )}
      <Table<Result> rowKey="agent" columns={columns} dataSource={value?.results ?? []} loading={!value && !problem} pagination={false} locale={{ emptyText: q('scores.none') }} />
      {staff && value && value.results.filter((r) => r.n > 0).length > 1 && (
        <section className="panel qa-below">
          <h2>{q('differences')}</h2>
          {told.length === 0 ? (
            <p className="dim">{q('differences.none')}</p>
          ) : (
            <ul className="notes">
              {told.map((d) => (
                <li key={`${d.a} ${d.b}`}>{q('difference', { a: house.agent(d.a), b: house.agent(d.b), by: d.by.toFixed(1), p: d.adjusted < 0.001 ? '< 0.001' : d.adjusted.toFixed(3) })}</li>
              ))}
            </ul>
          )}
        </section>
      )}
    </main>
  )
}
