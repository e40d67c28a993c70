import { App as AntApp, Button, Modal, Skeleton } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { LiveContext, useKeys, useLive, useSnapshot, useTick } from '../app/hooks'
import { Link } from '../app/router'
import { silenceHint, silenceText, useLanguage, useTitle } from '../i18n'
import type { Live } from '../live'
import { problemOf, request, type Problem, type Session } from './api'
import { useDeeds } from './CallMenu'
import { customer, deedsOf, PLACES, shownAt, TAPE, type Deed, type Desk } from './deskData'
import { DeskCall } from './DeskCall'
import { DeskFigures, DeskQueues, DeskWaiting, Place } from './DeskSide'
import { DeskState } from './DeskState'
import { DeskWork, type Category } from './DeskWork'
import { TargetModal, type Asked } from './TargetModal'
import { useAsk, useSaid } from './useAsk'
import { signOf, useDesk } from './useDesk'
import './mydesk.css'

/** One line that is always there: how fresh the page is, or what is wrong with it. */
function LiveLine({ live, cut, problem, shown }: { live: Live; cut: boolean; problem: Problem | null; shown: boolean }) {
  const { t } = useLanguage()
  const said = useSaid()
  useTick()
  const silence = live.silence()
  if (silence || problem || cut) {
    return (
      <p className="my-live bad" role="alert">
        <b className="num">■ {silence ? silenceText(t, silence, live.get().frame?.timezone) : problem ? t('desk.failed') : t('live.switch')}</b>
        <span>{silence ? silenceHint(t, silence) : problem ? said(problem) : t('live.switch.hint')}</span>
      </p>
    )
  }
  return <p className="my-live">{shown ? t('live.ok') : t('live.loading')}</p>
}

/** The house's categories of registration. */
function useCategories(): Category[] {
  const [list, setList] = useState<Category[]>([])
  useEffect(() => {
    request<{ categories: Category[] | null }>('GET', '/categories')
      .then((r) => setList(r.categories ?? []))
      .catch(problemOf) // calls go on without
  }, [])
  return list
}

export default function MyDesk({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { t } = useLanguage()
  if (session.agent === '') {
    return (
      <main className="desk-page desk-missing">
        <h1>{t('desk.none')}</h1>
        <p>{t('desk.none.hint')}</p>
        <Link href="/agents">{t('nav.agents')}</Link>
      </main>
    )
  }
  return <Loaded id={session.agent} onSignedOut={onSignedOut} />
}

function Loaded({ id, onSignedOut }: { id: string; onSignedOut: () => void }) {
  const { t, word } = useLanguage()
  const live = useLive()
  const { frame } = useSnapshot(live)
  const { desk, problem, look } = useDesk(id, signOf(frame?.agents.find((a) => a.id === id)), onSignedOut)
  const [asking, setAsking] = useState<Asked | null>(null)
  const [help, setHelp] = useState(false)
  const [busy, setBusy] = useState(false)
  const ask = useAsk(onSignedOut)
  const deed = useDeeds(id, onSignedOut)
  const categories = useCategories()
  const { modal } = AntApp.useApp()
  const leaving = useRef(false)
  useTitle(desk ? [word('state', desk.agent.state), desk.call && customer(desk.call)].filter(Boolean).join(' ') : t('title.desk'))

  const can = desk ? deedsOf(desk) : new Set<Deed>()
  const idle = desk?.agent.state === 'ready' || desk?.agent.state === 'not_ready'

  /** One thing at a time: a key held or pressed twice is one wish. */
  const act = async (what: () => Promise<unknown>) => {
    if (busy) return
    setBusy(true)
    await what()
    setBusy(false)
    look()
  }
  const begin = (d: Deed) => {
    if (!can.has(d)) return
    if (d === 'transfer' || d === 'consult') setAsking(d)
    else if (d === 'hang_up') hangUp()
    else void act(() => deed(d))
  }
  // A customer who is cut off by a slip does not come back: this one is asked for.
  const hangUp = () => {
    if (leaving.current) return
    leaving.current = true
    modal.confirm({
      title: t('desk.hang_up'),
      okText: t('deed.hang_up'),
      okButtonProps: { danger: true },
      cancelText: t('help.close'),
      onOk: () => act(() => deed('hang_up')),
      afterClose: () => (leaving.current = false),
    })
  }
  const setState = (state: string, reason = '') => void act(() => ask('POST', `/agents/${encodeURIComponent(id)}/state`, reason ? { state, reason } : { state }))
  const extend = () => void act(() => ask('POST', `/agents/${encodeURIComponent(id)}/wrap-up`, {}))

  useKeys({
    r: () => setState('ready'),
    n: () => document.querySelector<HTMLElement>('[data-key=n]')?.click(),
    w: () => desk?.agent.state === 'on_call' && setState('wrap_up'),
    p: () => idle && setAsking('place'),
    e: () => desk?.agent.state === 'wrap_up' && extend(),
    g: () => document.querySelector<HTMLElement>('.work textarea')?.focus(),
    '?': () => setHelp(true),
    ...Object.fromEntries([...PLACES, TAPE].map((p) => [p.key, () => begin(shownAt(p, can))])),
    ...Object.fromEntries(categories.map((c) => [c.digit, () => document.querySelector<HTMLElement>(`[data-category="${CSS.escape(c.code)}"]`)?.click()])),
  })

  const queueName = useQueueNames(frame?.queues)
  return (
    <LiveContext value={live}>
      <main className={`desk-page my${live.stale() ? ' is-stale' : ''}`}>
        <div className="my-top">
          <LiveLine live={live} cut={frame?.switch === false} problem={problem} shown={desk !== null} />
          <Button size="small" type="text" onClick={() => setHelp(true)}>
            {t('desk.keys')} <kbd>?</kbd>
          </Button>
        </div>
        {desk ? (
          <div className="my-grid">
            <div className="my-main">
              <DeskState agent={desk.agent} busy={busy} set={setState} />
              <DeskCall desk={desk} can={can} busy={busy} queueName={queueName} agents={frame?.agents ?? []} begin={begin} />
              <DeskWork desk={desk} categories={categories} busy={busy} act={act} ask={ask} extend={extend} release={() => setState('ready')} />
            </div>
            <aside className="my-side">
              <DeskFigures desk={desk} />
              <DeskQueues queues={(frame?.queues ?? []).filter((q) => desk.agent.queues.includes(q.id))} />
              <Place idle={idle} onPlace={() => setAsking('place')} />
              <DeskWaiting desk={desk} idle={idle} busy={busy} zone={frame?.timezone ?? 'Asia/Shanghai'} queueName={queueName} act={act} ask={ask} />
            </aside>
          </div>
        ) : (
          <div className="my-grid" aria-busy="true">
            <Skeleton active paragraph={{ rows: 10 }} />
            <Skeleton active paragraph={{ rows: 8 }} />
          </div>
        )}
        <TargetModal
          asked={asking === 'place' || (asking !== null && can.has(asking)) ? asking : null} // a call that is over is handed to nobody
          self={id}
          agents={frame?.agents ?? []}
          queues={frame?.queues ?? []}
          send={async (asked, to) => {
            const done = await deed(asked, to)
            look()
            return done
          }}
          onClose={() => setAsking(null)}
        />
        <Keys open={help} onClose={() => setHelp(false)} desk={desk} categories={categories} />
      </main>
    </LiveContext>
  )
}

function useQueueNames(queues: { id: string; name: string; nameEn: string }[] | undefined) {
  const { name } = useLanguage()
  return (id: string) => {
    const q = queues?.find((x) => x.id === id)
    return q ? name(q) : id
  }
}

function Keys({ open, onClose, desk, categories }: { open: boolean; onClose: () => void; desk: Desk | null; categories: Category[] }) {
  const { t, lang } = useLanguage()
  const rows: [string, string][] = [
    ['R', t('agents.ready')],
    ['N', t('agents.not_ready')],
    ['P', t('deed.place')],
    ...[...PLACES, TAPE].map((p): [string, string] => [p.key.toUpperCase(), p.deeds.map((d) => t(`deed.${d}`)).join(' / ')]),
    ['W', t('desk.wrap_up')],
    ['E', t('desk.extend')],
    ['G', t('desk.note')],
    ...categories.map((c): [string, string] => [c.digit, `${t('desk.category')} · ${lang === 'en' ? c.name_en : c.name}`]),
    ['?', t('help.help')],
  ]
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('desk.keys')} destroyOnHidden width={560} data-agent={desk?.agent.id}>
      <dl className="my-keys">
        {rows.map(([key, text]) => (
          <div key={key + text}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
