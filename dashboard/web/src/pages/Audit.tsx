import { Alert, Button, Grid, Input, Select, Table, type TableColumnsType } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useLanguage, useTitle } from '../i18n'
import { zh } from '../i18n/zh'
import { clock } from '../time'
import { problemOf, request, type AuditLine, type Problem } from './api'
import { useHouse } from './useCalls'

// Every deed that has a word, as its code; those of the page itself have none with a dot, but for where to search.
const ACTIONS = Object.keys(zh).flatMap((key) => /^audit\.(?!find\.)(\w+\.\w+)$/.exec(key)?.[1] ?? []).concat('export')

interface Filter {
  user: string
  subject: string
  action: string
}

/** Who did and saw what. For administrators. */
export default function Audit({ onSignedOut }: { onSignedOut: () => void }) {
  const { t, word } = useLanguage()
  const { frame } = useHouse()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const [filter, setFilter] = useState<Filter>({ user: '', subject: '', action: '' })
  const [lines, setLines] = useState<AuditLine[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [busy, setBusy] = useState(true)
  const [problem, setProblem] = useState<Problem | null>(null)
  const narrow = !Grid.useBreakpoint().md
  useTitle(t('title.audit'))

  const read = useCallback(
    (cursor: string) => {
      const q = new URLSearchParams()
      for (const [key, value] of Object.entries({ ...filter, cursor })) if (value) q.set(key, value)
      let left = false
      setBusy(true)
      setProblem(null)
      request<{ entries: AuditLine[]; next_cursor: string | null }>('GET', `/audit?${q}`)
        .then((r) => {
          if (left) return
          setLines((old) => (cursor ? [...old, ...r.entries] : r.entries))
          setNext(r.next_cursor)
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
    [filter, onSignedOut],
  )
  useEffect(() => read(''), [read])

  const at = (n: AuditLine) => {
    const ms = Date.parse(n.at)
    return (
      <span className="num nowrap">
        {new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms)} {clock(ms, zone)}
      </span>
    )
  }
  const outcome = (n: AuditLine) => (n.outcome === 'done' ? <span className="dim">{t('audit.done')}</span> : <span className="rings-bad">{word('problem', n.outcome)}</span>)
  const what = (n: AuditLine) => (
    <span className="two">
      <span>{word('audit', n.action)}</span>
      {(n.subject || n.why) && (
        <small className="audit-subject">
          {n.subject} {n.detail.split(' ').map((d) => (n.action.startsWith('token') ? word('scope', d) : word('role', d))).join(' ')} {n.why && `「${n.why}」`}
        </small>
      )}
    </span>
  )
  const who = (n: AuditLine) => (
    <span className="two">
      <span>{n.user || t('fig.none')}</span>
      <small>
        {n.role && word('role', n.role)} {n.address}
      </small>
    </span>
  )
  const wide: TableColumnsType<AuditLine> = [
    { title: t('calls.time'), key: 'at', width: 190, render: (_, n) => at(n) },
    { title: t('audit.who'), key: 'who', width: 240, render: (_, n) => who(n) },
    { title: t('audit.what'), key: 'what', render: (_, n) => what(n) },
    { title: t('audit.outcome'), key: 'outcome', width: 260, render: (_, n) => outcome(n) },
  ]
  const slim: TableColumnsType<AuditLine> = [
    {
      title: t('audit.who'),
      key: 'who',
      width: 150,
      render: (_, n) => (
        <span className="two">
          <span>{n.user || t('fig.none')}</span>
          <small>{at(n)}</small>
        </span>
      ),
    },
    {
      title: t('audit.what'),
      key: 'what',
      render: (_, n) => (
        <>
          {what(n)}
          {n.outcome !== 'done' && <small>{outcome(n)}</small>}
        </>
      ),
    },
  ]
  return (
    <main className="desk-page audit">
      <div className="desk-head">
        <h1>{t('title.audit')}</h1>
        <Select
          className="choice"
          aria-label={t('audit.what')}
          value={filter.action}
          onChange={(action: string) => setFilter((f) => ({ ...f, action }))}
          showSearch={{ optionFilterProp: 'label' }}
          options={[{ value: '', label: t('audit.all') }, ...ACTIONS.map((a) => ({ value: a, label: word('audit', a) }))]}
          style={{ minWidth: 190 }}
        />
        <Input.Search className="find" allowClear placeholder={t('audit.find.user')} onSearch={(user) => setFilter((f) => ({ ...f, user: user.trim() }))} />
        <Input.Search className="find" allowClear placeholder={t('audit.find.subject')} onSearch={(subject) => setFilter((f) => ({ ...f, subject: subject.trim() }))} />
      </div>
      {problem && (
        <Alert
          style={{ marginBottom: 16 }}
          type="error"
          title={t('audit.failed', { detail: problem.status === 0 ? t('login.offline') : problem.message })}
          action={<Button onClick={() => read('')}>{t('calls.retry')}</Button>}
        />
      )}
      <Table<AuditLine> rowKey="id" columns={narrow ? slim : wide} dataSource={lines} loading={busy} pagination={false} locale={{ emptyText: t('audit.none') }} />
      {next && (
        <div style={{ marginTop: 20, textAlign: 'center' }}>
          <Button loading={busy} onClick={() => read(next)}>
            {t('calls.more')}
          </Button>
        </div>
      )}
    </main>
  )
}
