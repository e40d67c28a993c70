import { App as AntApp, Button, Dropdown, Space } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useLanguage } from '../i18n'
import { clock } from '../time'
import type { Frame, Queue } from '../wire'
import { problemOf, request } from './api'
import { useSaid } from './useAsk'

interface Plan {
  id: string
  name: string
  name_en: string
  level: number
  queues: Record<string, unknown>
}

interface Case {
  id: string
  queue: string
  caller: string
  opened_at: string
}

/** How often the open messages are looked at. */
const LOOK_MS = 15_000

const BY_HAND = ['open', 'closed', 'hours'] as const

/** What a supervisor on duty can do beside agents: queues by hand, emergency plans, alerts. */
export function Duty({ frame, onSignedOut }: { frame: Frame; onSignedOut: () => void }) {
  const { t, lang, name } = useLanguage()
  const { message, modal } = AntApp.useApp()
  const [plans, setPlans] = useState<Plan[]>([])
  const said = useSaid()

  const failed = useCallback(
    (e: unknown) => {
      const p = problemOf(e)
      if (p.status === 401) onSignedOut()
      else void message.error(said(p), 6)
    },
    [message, onSignedOut, said],
  )
  useEffect(() => {
    request<{ plans: Plan[] | null }>('GET', '/emergency')
      .then((r) => setPlans(r.plans ?? []))
      .catch(failed)
  }, [failed])
  const [cases, setCases] = useState<Case[]>([])
  const look = useCallback(
    () =>
      request<{ cases: Case[] | null }>('GET', '/cases')
        .then((r) => setCases(r.cases ?? []))
        .catch(() => undefined), // the next look may succeed
    [],
  )
  useEffect(() => {
    void look()
    const timer = setInterval(() => void look(), LOOK_MS)
    return () => clearInterval(timer)
  }, [look])
  const queueName = (id: string) => {
    const q = frame.queues.find((x) => x.id === id)
    return q ? name(q) : id
  }
  const open = (c: Case) =>
    modal.confirm({
      icon: null,
      title: t('duty.message', { caller: c.caller }),
      content: (
        <>
          <p>
            {queueName(c.queue)} {clock(Date.parse(c.opened_at), frame.timezone)}
          </p>
          {/* Every opening is on record (R14.1), so nothing is fetched before play is pressed. */}
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- a message has no captions */}
          <audio controls preload="none" src={`/api/v1/calls/${encodeURIComponent(c.id)}/recording`} style={{ width: '100%' }} />
        </>
      ),
      okText: t('duty.done'),
      cancelText: t('help.close'),
      onOk: () => request('POST', `/cases/${encodeURIComponent(c.id)}/close`, {}).catch(failed).then(look),
    })
  const ask = (method: string, path: string, body?: unknown) => request(method, path, body).catch(failed)

  const declare = (plan: Plan, drill: boolean) => {
    const title = lang === 'en' ? plan.name_en : plan.name
    const queues = Object.keys(plan.queues).map((id) => frame.queues.find((q) => q.id === id)).filter((q): q is Queue => q !== undefined)
    modal.confirm({
      title: t(drill ? 'duty.drill' : 'duty.declare', { name: title, n: plan.level }),
      content: t('duty.changes', { queues: queues.map((q) => name(q)).join(lang === 'en' ? ', ' : '、') || t('fig.none') }),
      okText: t('deed.go'),
      cancelText: t('help.close'),
      okButtonProps: { danger: !drill },
      onOk: () => ask('POST', '/emergency', { plan: plan.id, drill }),
    })
  }
  const end = () =>
    modal.confirm({ title: t('duty.end'), okText: t('deed.go'), cancelText: t('help.close'), onOk: () => ask('DELETE', '/emergency') })

  return (
    <section className="duty" aria-label={t('duty.title')}>
      <Space size={[8, 8]} wrap>
        {frame.queues.map((q) => (
          <Dropdown
            key={q.id}
            trigger={['click']}
            menu={{ items: BY_HAND.map((s) => ({ key: s, label: t(`duty.${s}`) })), onClick: ({ key }) => void ask('POST', `/queues/${encodeURIComponent(q.id)}/state`, { state: key }) }}
          >
            <Button size="small" danger={q.closed} data-queue={q.id}>
              {name(q)} · {t(q.closed ? 'duty.closed' : 'duty.open')}
              {q.byHand !== '' && ` · ${t('duty.byhand')}`} ▾
            </Button>
          </Dropdown>
        ))}
        {frame.emergency ? (
          <Button size="small" type="primary" danger={!frame.emergency.drill} onClick={end}>
            {t('emergency.title', { n: frame.emergency.level, name: name(frame.emergency) })}
            {frame.emergency.since !== null && ` · ${clock(frame.emergency.since, frame.timezone).slice(0, 5)}`} · {t('duty.end')}
          </Button>
        ) : (
          plans.length > 0 && (
            <Dropdown
              trigger={['click']}
              menu={{
                items: plans.flatMap((p) => [
                  { key: `real:${p.id}`, danger: true, label: t('duty.declare', { name: lang === 'en' ? p.name_en : p.name, n: p.level }) },
                  { key: `drill:${p.id}`, label: t('duty.drill', { name: lang === 'en' ? p.name_en : p.name, n: p.level }) },
                ]),
                onClick: ({ key }) => {
                  const plan = plans.find((p) => key.endsWith(`:${p.id}`))
                  if (plan) declare(plan, key.startsWith('drill:'))
                },
              }}
            >
              <Button size="small" type="text">
                {t('duty.emergency')} ▾
              </Button>
            </Dropdown>
          )
        )}
        {cases.length > 0 && (
          <Dropdown
            trigger={['click']}
            menu={{
              items: cases.map((c) => ({ key: c.id, label: `${c.caller} · ${queueName(c.queue)} · ${clock(Date.parse(c.opened_at), frame.timezone).slice(0, 5)}` })),
              onClick: ({ key }) => {
                const found = cases.find((c) => c.id === key)
                if (found) open(found)
              },
            }}
          >
            <Button size="small" type="primary" data-messages={cases.length}>
              {t('duty.messages', { n: cases.length })} ▾
            </Button>
          </Dropdown>
        )}
        {frame.alerts
          .filter((a) => a.kind !== 'emergency')
          .map((a) => (
            <Button key={a.id} size="small" type="dashed" data-ack={a.id} onClick={() => void ask('POST', `/alerts/${encodeURIComponent(a.id)}/ack`, {})}>
              ! {a.agent ? name(a.agentNames) : a.queue} · {t('duty.ack')}
            </Button>
          ))}
      </Space>
    </section>
  )
}
