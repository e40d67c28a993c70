import { Alert, Button, Drawer, Table, type TableColumnsType } from 'antd'
import { useEffect, useState, type ReactNode } from 'react'
import { useLanguage } from '../i18n'
import { duration, percent } from '../time'
import { problemOf, request, type Problem } from './api'
import { readDay, type QueueFigures } from './queueFigures'
import { useSaid } from './useAsk'

/** How often the figures are looked at while they are shown. */
const LOOK_MS = 5000

/** The day's figures of the queues that the wall has no room for. */
export function QueueDay({ onSignedOut }: { onSignedOut: () => void }) {
  const { t } = useLanguage()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('day.title')}</Button>
      <Drawer open={open} onClose={() => setOpen(false)} size={Math.min(1180, window.innerWidth)} title={t('day.title')} className="drawer" destroyOnHidden>
        <Figures onSignedOut={onSignedOut} />
      </Drawer>
    </>
  )
}

function Figures({ onSignedOut }: { onSignedOut: () => void }) {
  const { t, name } = useLanguage()
  const [rows, setRows] = useState<QueueFigures[] | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const said = useSaid()
  useEffect(() => {
    let wanted = true
    const look = () =>
      request<unknown>('GET', '/queues')
        .then((v) => {
          if (!wanted) return
          setRows(readDay(v))
          setProblem(null)
        })
        .catch((e: unknown) => {
          if (!wanted) return
          const p = problemOf(e)
          if (p.status === 401) onSignedOut()
          else setProblem(p)
        })
    void look()
    const timer = setInterval(() => void look(), LOOK_MS)
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [onSignedOut])

  const none = <span className="dim">{t('fig.none')}</span>
  const two = (big: ReactNode, small: string) => (
    <span className="num nowrap">
      {big}
      <small>{small}</small>
    </span>
  )
  const share = (s: { part: number; whole: number }) => (s.whole > 0 ? two(`${percent(s.part / s.whole)}%`, `${s.part}/${s.whole}`) : none)
  const columns: TableColumnsType<QueueFigures> = [
    { title: t('fig.queue'), key: 'queue', fixed: 'left', render: (_, q) => <b>{name(q)}</b> },
    { title: t('fig.offered'), key: 'offered', align: 'right', render: (_, q) => <span className="num">{q.offered}</span> },
    { title: t('fig.answered'), key: 'answered', align: 'right', render: (_, q) => <span className="num">{q.answered}</span> },
    { title: t('day.registered'), key: 'registered', align: 'right', render: (_, q) => share(q.registered) },
    { title: t('day.transferred'), key: 'transferred', align: 'right', render: (_, q) => <span className="num">{q.transferred}</span> },
    { title: t('day.forwarded'), key: 'forwarded', align: 'right', render: (_, q) => <span className="num">{q.forwarded}</span> },
    { title: t('day.callbacks'), key: 'callbacks', align: 'right', render: (_, q) => share(q.calledBack) },
    { title: t('day.messages'), key: 'messages', align: 'right', render: (_, q) => <span className="num">{q.messages}</span> },
    { title: t('day.survey'), key: 'survey', align: 'right', render: (_, q) => (q.survey.mean === null ? none : <span className="num nowrap">{t('day.survey.value', { mean: q.survey.mean.toFixed(1), n: q.survey.n })}</span>) },
    {
      title: t('day.told'),
      key: 'told',
      align: 'right',
      render: (_, q) => (q.toldOffMs === null ? none : two(`${percent(q.told.part / q.told.whole)}%`, `${q.told.part}/${q.told.whole} · ${t('day.told.off', { time: duration(q.toldOffMs) })}`)),
    },
  ]
  return (
    <>
      {problem && <Alert type="error" title={t('day.failed', { detail: said(problem) })} style={{ marginBottom: 12 }} />}
      <Table<QueueFigures> rowKey="id" className="day-table" columns={columns} dataSource={rows ?? []} loading={rows === null && !problem} pagination={false} scroll={{ x: 'max-content' }} />
    </>
  )
}
