import { Alert, App as AntApp, Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { useKeys } from '../app/hooks'
import { problemOf, request } from '../pages/api'
import { AnswerSheet } from './Answers'
import { soFar, shown, type Answers, type Form, type Item, type Names } from './data'
import { moved, newItem, newSection, removed, withItem, withSection, type Place } from './formEdit'
import { useQuality } from './text'

/** A form is written on the left and tried on the right. Nothing counts before it is published. */
export function FormEditor({ form, fresh, onClose }: { form: Form; fresh: boolean; onClose: () => void }) {
  const { q, both } = useQuality()
  const { message, modal } = AntApp.useApp()
  const [past, setPast] = useState<Form[]>([])
  const [f, setF] = useState(form)
  const [reason, setReason] = useState('')
  const [refused, setRefused] = useState('')
  const [tried, setTried] = useState<Answers>({})
  const change = (next: Form) => {
    setPast((p) => [...p.slice(-49), f])
    setF(next)
  }
  const undo = () => {
    const last = past.at(-1)
    if (!last) return
    setF(last)
    setPast((p) => p.slice(0, -1))
  }
  useKeys({ u: undo })
  const save = async (publish: boolean) => {
    setRefused('')
    try {
      await request('POST', '/qa/forms', { form: f, reason })
      if (publish) await request('POST', `/qa/forms/${f.id}/publish`, { version: f.version })
      void message.success(q(publish ? 'form.published' : 'form.saved'))
      onClose()
    } catch (e) {
      setRefused(problemOf(e).message)
    }
  }
  const score = soFar(f, tried)
  const ready = f.id !== '' && reason.trim() !== ''
  return (
    <>
      <div className="desk-head">
        <h1>
          {both(f.name) || q('form.new.id')} <small className="dim num">{q('form.version', { n: f.version })}</small>
        </h1>
        <Button disabled={past.length === 0} onClick={undo}>
          {q('edit.undo')}
        </Button>
        <Button onClick={onClose}>{q('cancel')}</Button>
      </div>
      {refused && (
        <Alert
          className="qa-alert"
          type="error"
          title={
            <ul className="notes">
              {refused.split('; ').map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          }
        />
      )}
      <div className="cols">
        <div className="panel">
          {fresh && <Input addonBefore={q('edit.id')} aria-label={q('edit.id')} value={f.id} onChange={(e) => change({ ...f, id: e.target.value })} />}
          <Both label={q('edit.name')} value={f.name} onChange={(name) => change({ ...f, name })} />
          <div className="edit-more">
            {(['appeal', 'decide'] as const).map((k) => (
              <InputNumber key={k} prefix={q(`edit.${k}`)} aria-label={q(`edit.${k}`)} min={1} max={365} value={f.limits[`${k}_days`]} onChange={(v) => change({ ...f, limits: { ...f.limits, [`${k}_days`]: v ?? 1 } })} />
            ))}
            <InputNumber prefix={q('edit.max_appeals')} aria-label={q('edit.max_appeals')} min={0} max={100} value={f.limits.max_appeals} onChange={(v) => change({ ...f, limits: { ...f.limits, max_appeals: v ?? 0 } })} />
          </div>
          {f.sections.map((s, i) => (
            <section key={s.id} className="edit-section" aria-label={both(s.name) || s.id}>
              <Both label={q('edit.name')} value={s.name} onChange={(name) => change(withSection(f, i, { name }))} />
              <div className="edit-more">
                <InputNumber prefix={q('edit.weight')} aria-label={`${q('edit.weight')} ${both(s.name)}`} min={1} max={1000} value={s.weight} onChange={(v) => change(withSection(f, i, { weight: v ?? 1 }))} />
                <Movers what={both(s.name) || s.id} form={f} at={{ section: i, item: -1 }} onChange={change} />
              </div>
              {s.items.map((it, k) => (
                <ItemEditor key={it.id} it={it} at={{ section: i, item: k }} form={f} onChange={change} />
              ))}
              <Button size="small" onClick={() => change(withSection(f, i, { items: [...s.items, newItem(f)] }))}>
                {q('edit.item')}
              </Button>
            </section>
          ))}
          <Button onClick={() => change({ ...f, sections: [...f.sections, newSection(f)] })}>{q('edit.section')}</Button>
        </div>
        <div className="panel judge-side">
          <h2>
            {q('edit.preview')} <b className="num">{shown(score.score)}</b>
          </h2>
          <AnswerSheet form={f} answers={tried} onAnswer={(item, a) => setTried((t) => ({ ...t, [item]: a }))} />
          <div className="qa-below">
            <Input aria-label={q('form.reason')} placeholder={q('form.reason')} value={reason} maxLength={300} onChange={(e) => setReason(e.target.value)} />
            <div className="judge-actions">
              <Button disabled={!ready} onClick={() => void save(false)}>
                {q('form.save')}
              </Button>
              <Button type="primary" disabled={!ready} onClick={() => void modal.confirm({ title: q('publish.sure'), okText: q('publish'), cancelText: q('cancel'), onOk: () => save(true) })}>
                {q('publish')}
              </Button>
            </div>
          </div>
        </div>
      </div>
    </>
  )
}

function Both({ label, value, onChange }: { label: string; value: Names; onChange: (v: Names) => void }) {
  const { q } = useQuality()
  return (
    <div className="edit-row">
      <span className="dim">{label}</span>
      <Input aria-label={`${label} ${q('edit.zh')}`} placeholder={q('edit.zh')} value={value.zh} onChange={(e) => onChange({ ...value, zh: e.target.value })} />
      <Input aria-label={`${label} ${q('edit.en')}`} placeholder={q('edit.en')} value={value.en} onChange={(e) => onChange({ ...value, en: e.target.value })} />
    </div>
  )
}

function Movers({ what, form, at, onChange }: { what: string; form: Form; at: Place; onChange: (f: Form) => void }) {
  const { q } = useQuality()
  return (
    <>
      <Button size="small" aria-label={`${q('edit.up')} ${what}`} onClick={() => onChange(moved(form, at, -1))}>
        ↑
      </Button>
      <Button size="small" aria-label={`${q('edit.down')} ${what}`} onClick={() => onChange(moved(form, at, 1))}>
        ↓
      </Button>
      <Button size="small" danger type="text" aria-label={q('edit.remove', { what })} onClick={() => onChange(removed(form, at))}>
        ×
      </Button>
    </>
  )
}

function ItemEditor({ it, at, form, onChange }: { it: Item; at: Place; form: Form; onChange: (f: Form) => void }) {
  const { q, both } = useQuality()
  const set = (change: Partial<Item>) => onChange(withItem(form, at, change))
  const what = both(it.name) || it.id
  const choices = it.choices ?? []
  return (
    <div className="edit-item">
      <Both label={q('edit.name')} value={it.name} onChange={(name) => set({ name })} />
      <Both label={q('edit.help')} value={it.help} onChange={(help) => set({ help })} />
      <div className="edit-more">
        <Select aria-label={`${q('edit.kind')} ${what}`} value={it.kind} onChange={(kind) => set({ kind })} options={(['yes_no', 'scale', 'choice'] as const).map((k) => ({ value: k, label: q(`kind.${k}`) }))} />
        {it.kind === 'scale' && <InputNumber prefix={q('edit.max')} aria-label={`${q('edit.max')} ${what}`} min={1} max={100} value={it.max} onChange={(v) => set({ max: v ?? 1 })} />}
        <InputNumber prefix={q('edit.weight')} aria-label={`${q('edit.weight')} ${what}`} min={0} max={1000} value={it.weight} onChange={(v) => set({ weight: v ?? 0 })} />
        <Input className="short" prefix={q('edit.rule')} aria-label={`${q('edit.rule')} ${what}`} value={it.rule} onChange={(e) => set({ rule: e.target.value })} />
        <Select
          aria-label={`${q('edit.fatal')} ${what}`}
          value={it.fatal}
          onChange={(fatal) => set({ fatal })}
          options={[{ value: '', label: `${q('edit.fatal')}: ${q('edit.none')}` }, ...(['item', 'section', 'all'] as const).map((k) => ({ value: k, label: q(`fatal.${k}`) }))]}
        />
        <Checkbox checked={it.na} onChange={(e) => set({ na: e.target.checked })}>
          {q('edit.na')}
        </Checkbox>
        <Movers what={what} form={form} at={at} onChange={onChange} />
      </div>
      {it.kind === 'choice' && (
        <>
          {choices.map((c, i) => {
            const put = (change: Partial<typeof c>) => set({ choices: choices.map((o, k) => (k === i ? { ...o, ...change } : o)) })
            return (
              <div key={c.id} className="edit-more">
                <Input className="short" aria-label={`${q('edit.zh')} ${c.id}`} value={c.name.zh} onChange={(e) => put({ name: { ...c.name, zh: e.target.value } })} />
                <Input className="short" aria-label={`${q('edit.en')} ${c.id}`} value={c.name.en} onChange={(e) => put({ name: { ...c.name, en: e.target.value } })} />
                <InputNumber prefix={q('edit.points')} aria-label={`${q('edit.points')} ${c.id}`} min={0} max={100} value={c.points} onChange={(v) => put({ points: v ?? 0 })} />
                <Button size="small" danger type="text" aria-label={q('edit.remove', { what: both(c.name) || c.id })} onClick={() => set({ choices: choices.filter((_, k) => k !== i) })}>
                  ×
                </Button>
              </div>
            )
          })}
          <Button size="small" onClick={() => set({ choices: [...choices, { id: `choice${choices.length + 1}`, name: { zh: '', en: '' }, points: 0 }] })}>
            {q('edit.choice')}
          </Button>
        </>
      )}
    </div>
  )
}
