import { Alert, Button, Checkbox, Form, Input, InputNumber, Modal, Select } from 'antd'
import { useEffect, useState } from 'react'
import { problemOf, request } from '../pages/api'
import { useHouse } from '../pages/useCalls'
import { useLanguage } from '../i18n'
import { useQuality } from '../quality/text'
import { useHouseWords, useRead } from '../quality/useQualityData'
import type { Form as QualityForm } from '../quality/data'
import { bodyOf, LIMITS, REASONS, type PlanBody } from './data'
import { useSampling } from './text'

interface Preview {
  agents: { agent: string; population: number; chance: number; target: number }[]
  unheard: number
}

/** A plan is written here, with what it would draw from beside it. */
export function PlanModal({ plan, version, id, onClose, onSaved, onSignedOut }: { plan: PlanBody; version: number; id: string; onClose: () => void; onSaved: () => void; onSignedOut: () => void }) {
  const { s, sw } = useSampling()
  const { both } = useQuality()
  const { name } = useLanguage()
  const house = useHouseWords()
  const { frame } = useHouse()
  const forms = useRead<{ forms: QualityForm[] }>('/qa/forms', onSignedOut)
  const [p, setP] = useState<PlanBody>(() => ({ ...bodyOf(plan) }))
  const [refused, setRefused] = useState('')
  const [preview, setPreview] = useState<Preview | null>(null)
  const set = (change: Partial<PlanBody>) => setP((old) => ({ ...old, ...change }))
  const newest = (forms.value?.forms ?? []).filter((f, i, all) => f.published_at && all.findIndex((o) => o.id === f.id && o.published_at) === i)
  const form = p.form || newest[0]?.id || ''
  const whole: PlanBody = { ...p, form }
  const text = JSON.stringify(whole)

  useEffect(() => {
    let left = false
    const timer = setTimeout(() => {
      request<Preview>('POST', '/qa/preview', { ...(JSON.parse(text) as PlanBody), name: 'x' })
        .then((v) => !left && setPreview(v))
        .catch(() => !left && setPreview(null))
    }, 400)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [text])

  const save = () =>
    request(id ? 'PUT' : 'POST', id ? `/qa/plans/${id}` : '/qa/plans', id ? { ...whole, version } : whole)
      .then(onSaved)
      .catch((e: unknown) => {
        const problem = problemOf(e)
        if (problem.status === 401) onSignedOut()
        setRefused(problem.message)
      })
  const total = (key: 'population' | 'chance' | 'target') => (preview?.agents ?? []).reduce((n, a) => n + a[key], 0)
  const left = REASONS.filter((r) => !p.targets.some((t) => t.reason === r))

  return (
    <Modal open width={640} title={s(id ? 'plan.edit' : 'plan.new')} okText={s('save')} cancelText={s('cancel')} onCancel={onClose} onOk={() => void save()} okButtonProps={{ disabled: !p.name.trim() || !form }}>
      {refused && <Alert type="error" title={refused} className="qa-alert" />}
      {id && <p className="dim">{s('plan.changed')}</p>}
      <Form layout="vertical" className="plan-form">
        <Form.Item label={s('plan.name')} htmlFor="plan-name">
          <Input id="plan-name" value={p.name} maxLength={200} onChange={(e) => set({ name: e.target.value })} autoFocus />
        </Form.Item>
        <div className="plan-row">
          <Form.Item label={s('plan.per')} htmlFor="plan-per">
            <Select id="plan-per" value={p.per} onChange={(per) => set({ per })} options={['month', 'week', 'day', 'once'].map((v) => ({ value: v, label: sw('per', v) }))} />
          </Form.Item>
          <Form.Item label={s('plan.form')} htmlFor="plan-form">
            <Select id="plan-form" value={form || undefined} onChange={(f) => set({ form: f })} options={newest.map((f) => ({ value: f.id, label: both(f.name) }))} />
          </Form.Item>
        </div>
        {p.per === 'once' && (
          <div className="plan-row once">
            <Form.Item label={s('plan.since')} htmlFor="plan-since">
              <Input id="plan-since" type="date" value={p.since ?? ''} max={p.until} onChange={(e) => set({ since: e.target.value })} />
            </Form.Item>
            <Form.Item label={s('plan.until')} htmlFor="plan-until">
              <Input id="plan-until" type="date" value={p.until ?? ''} min={p.since} onChange={(e) => set({ until: e.target.value })} />
            </Form.Item>
            <p className="dim">{s('plan.today')}</p>
          </div>
        )}
        <div className="plan-row">
          <Form.Item label={s('plan.count')} htmlFor="plan-count">
            <InputNumber id="plan-count" min={0} max={100} value={p.count} suffix={s('plan.calls')} onChange={(v) => set({ count: v ?? 0 })} />
          </Form.Item>
          <Form.Item label={s('plan.due')} htmlFor="plan-due">
            <InputNumber id="plan-due" min={1} max={90} value={p.due_days} suffix={s('plan.daysUnit')} onChange={(v) => set({ due_days: v ?? 1 })} />
          </Form.Item>
        </div>
        <fieldset>
          <legend>{s('plan.targets')}</legend>
          {p.targets.map((t, i) => (
            <div key={t.reason} className="target">
              <b>{sw('reason', t.reason)}</b>
              {LIMITS[t.reason] ? (
                <InputNumber
                  aria-label={`${sw('reason', t.reason)} ${sw('limit', t.reason)}`}
                  min={1}
                  value={t.limit}
                  suffix={sw('limit', t.reason)}
                  onChange={(v) => set({ targets: p.targets.map((o, k) => (k === i ? { ...o, limit: v ?? 1 } : o)) })}
                />
              ) : (
                <span />
              )}
              <InputNumber
                aria-label={`${sw('reason', t.reason)} ${s('plan.target.most')}`}
                min={1}
                max={100}
                value={t.most}
                prefix={s('plan.target.most')}
                onChange={(v) => set({ targets: p.targets.map((o, k) => (k === i ? { ...o, most: v ?? 1 } : o)) })}
              />
              <Button type="text" aria-label={`${s('cancel')} ${sw('reason', t.reason)}`} onClick={() => set({ targets: p.targets.filter((_, k) => k !== i) })}>
                ×
              </Button>
            </div>
          ))}
          {left.length > 0 && (
            <Select
              aria-label={s('plan.target.add')}
              placeholder={s('plan.target.add')}
              value={null}
              onChange={(r: string) => set({ targets: [...p.targets, { reason: r, limit: LIMITS[r] ?? 0, most: 1 }] })}
              options={left.map((r) => ({ value: r, label: sw('reason', r) }))}
            />
          )}
        </fieldset>
        <fieldset>
          <legend>{s('plan.from')}</legend>
          <Form.Item label={s('plan.queues')} htmlFor="plan-queues">
            <Select id="plan-queues" mode="multiple" placeholder={s('plan.any')} value={p.queues} onChange={(queues) => set({ queues })} options={(frame?.queues ?? []).map((x) => ({ value: x.id, label: name(x) }))} showSearch={{ optionFilterProp: 'label' }} />
          </Form.Item>
          <Form.Item label={s('plan.agents')} htmlFor="plan-agents">
            <Select id="plan-agents" mode="multiple" placeholder={s('plan.any')} value={p.agents} onChange={(agents) => set({ agents })} options={house.agents.map((a) => ({ value: a.id, label: a.name }))} showSearch={{ optionFilterProp: 'label' }} />
          </Form.Item>
          <Form.Item label={s('plan.minTalk')} htmlFor="plan-talk">
            <InputNumber id="plan-talk" min={0} max={86_400} value={p.min_talk_s} suffix={s('plan.seconds')} onChange={(v) => set({ min_talk_s: v ?? 0 })} />
          </Form.Item>
        </fieldset>
        <Form.Item label={s('plan.scorers')} htmlFor="plan-scorers">
          <Select id="plan-scorers" mode="tags" placeholder={s('plan.scorers.all')} value={p.scorers} onChange={(scorers) => set({ scorers })} open={false} suffix={null} />
        </Form.Item>
        <Checkbox checked={p.blind} onChange={(e) => set({ blind: e.target.checked })}>
          {s('plan.blind')}
        </Checkbox>
      </Form>
      <p className="preview" aria-live="polite">
        {preview && (total('population') === 0 ? s('plan.preview.none') : s('plan.preview', { population: total('population'), agents: preview.agents.length, chance: total('chance'), target: total('target') }))}{' '}
        {preview && preview.unheard > 0 && s('plan.preview.unheard', { n: preview.unheard })}
      </p>
    </Modal>
  )
}
