import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTickNow } from '../app/hooks'
import { useLanguage } from '../i18n'
import { duration } from '../time'
import { toRegister, type Desk } from './deskData'

export interface Category {
  digit: string
  code: string
  name: string
  name_en: string
}

export type Act = (what: () => Promise<unknown>) => Promise<void>
export type Ask = (method: string, path: string, body?: unknown) => Promise<{ value: unknown } | null>

interface Draft {
  category: string
  note: string
  /** What is on record. */
  done: string
}

function Left({ until }: { until: number }) {
  return <b className="num">{duration(until - useTickNow())}</b>
}

/** What the call was about (R3.1), and the time there is to say so. */
export function DeskWork({ desk, categories, busy, act, ask, extend, release }: { desk: Desk; categories: Category[]; busy: boolean; act: Act; ask: Ask; extend: () => void; release: () => void }) {
  const { t, lang } = useLanguage()
  const { agent } = desk
  const call = toRegister(desk)
  // What is typed stays with its call: the next one may ring meanwhile.
  const [drafts, setDrafts] = useState<Record<string, Draft>>({})
  const known = desk.call?.id === call ? desk.call : null
  const draft = drafts[call] ?? { category: known?.category ?? '', note: known?.note ?? '', done: known?.category ?? '' }
  const set = (d: Draft) => setDrafts((all) => ({ ...all, [call]: d }))
  const save = () =>
    void act(async () => {
      const { category, note } = draft
      if (await ask('POST', `/calls/${encodeURIComponent(call)}/registration`, { agent: agent.id, category, note })) set({ ...draft, done: category })
    })
  const nameOf = (code: string) => {
    const c = categories.find((x) => x.code === code)
    return c ? (lang === 'en' ? c.name_en : c.name) : code
  }
  const wraps = agent.state === 'wrap_up'
  const most = agent.wrapUpAt !== null && agent.wrapUpMost !== null && agent.wrapUpAt >= agent.wrapUpMost
  return (
    <section className={`my-card work${wraps ? ' wraps' : ''}`} data-register={call} data-done={draft.done}>
      <div className="work-head">
        <h2>{t('desk.register')}</h2>
        <span className={draft.done ? 'calm' : agent.unregistered ? 'amber' : 'dim'}>
          {call === '' ? t('desk.register.none') : draft.done ? `✓ ${t('desk.registered', { name: nameOf(draft.done) })}` : t(agent.unregistered ? 'desk.unregistered' : known ? 'desk.register.now' : 'desk.register.last')}
        </span>
      </div>
      <fieldset className="work-cats" aria-label={t('desk.category')}>
        {categories.map((c) => (
          <Button key={c.code} data-category={c.code} aria-pressed={draft.category === c.code} type={draft.category === c.code ? 'primary' : 'default'} disabled={call === ''} onClick={() => set({ ...draft, category: c.code })}>
            {lang === 'en' ? c.name_en : c.name} <kbd>{c.digit}</kbd>
          </Button>
        ))}
        {categories.length === 0 && <span className="dim">{t('desk.category.none')}</span>}
      </fieldset>
      <Input.TextArea
        rows={3}
        maxLength={2000}
        style={{ resize: 'none' }}
        disabled={call === ''}
        value={draft.note}
        placeholder={t('desk.note.hint')}
        aria-label={t('desk.note')}
        onChange={(e) => set({ ...draft, note: e.target.value })}
        onKeyDown={(e) => {
          if (e.key === 'Escape') e.currentTarget.blur()
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && draft.category) save()
        }}
      />
      <div className="work-foot">
        <Button type="primary" disabled={busy || call === '' || draft.category === ''} onClick={save}>
          {t(draft.done ? 'desk.correct' : 'desk.save')}
        </Button>
        <span className="work-time">
          {wraps && agent.wrapUpAt !== null && !agent.unregistered && (
            <>
              {t('desk.wrap_up.left')} <Left until={agent.wrapUpAt} />
            </>
          )}
        </span>
        <Button disabled={busy || !wraps || most} onClick={extend} title={wraps && most ? t('problem.wrap_up_max') : undefined}>
          {t('desk.extend')} <kbd>E</kbd>
        </Button>
        <Button disabled={busy || !wraps || agent.unregistered} onClick={release}>
          {t('desk.release')} <kbd>R</kbd>
        </Button>
      </div>
    </section>
  )
}
