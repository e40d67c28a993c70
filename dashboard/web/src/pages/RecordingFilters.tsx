import { Button, Input, Select } from 'antd'
import { useEffect, useState } from 'react'
import { useLanguage } from '../i18n'
import { request } from './api'
import { REST, type Search, type SearchKey } from './recordingsData'
import { useRecordingsText } from './recordingsText'

interface Choice {
  value: string
  label: string
}

interface Category {
  code: string
  name: string
  name_en: string
}

/** What recordings can be looked for by. Typed values count with Enter or when the field is left. */
export function RecordingFilters({ search, agents, queues, onSearch }: { search: Search; agents: Choice[]; queues: Choice[]; onSearch: (s: Search) => void }) {
  const s = useRecordingsText()
  const { lang, word } = useLanguage()
  const [open, setOpen] = useState(() => REST.some((k) => search[k]))
  const [categories, setCategories] = useState<Choice[]>([])
  useEffect(() => {
    let wanted = true
    request<{ categories: Category[] }>('GET', '/categories')
      .then((r) => wanted && setCategories(r.categories.map((c) => ({ value: c.code, label: lang === 'en' ? c.name_en : c.name }))))
      .catch(() => undefined) // the others are there
    return () => {
      wanted = false
    }
  }, [lang])

  const set = (key: SearchKey, value: string) => {
    if ((search[key] ?? '') !== value.trim()) onSearch({ ...search, [key]: value.trim() })
  }
  const choose = (key: SearchKey, label: string, options: Choice[]) => (
    <label className="filter">
      <span>{label}</span>
      <Select aria-label={label} value={search[key] ?? ''} onChange={(v: string) => set(key, v)} options={[{ value: '', label: s('all') }, ...options]} showSearch={{ optionFilterProp: 'label' }} popupMatchSelectWidth={false} />
    </label>
  )
  const typed = (key: SearchKey, label: string, hint = '', type = 'text') => (
    <label className="filter">
      <span>{label}</span>
      <Typed key={`${key} ${search[key] ?? ''}`} value={search[key] ?? ''} label={label} hint={hint} type={type} onSet={(v) => set(key, v)} />
    </label>
  )
  const span = (label: string, from: SearchKey, to: SearchKey) => (
    <fieldset className="filter">
      <legend>{label}</legend>
      <span className="filter-span">
        {[from, to].map((key) => (
          <Typed key={`${key} ${search[key] ?? ''}`} value={search[key] ?? ''} label={`${label} ${s(key === from ? 'from' : 'to')}`} hint={s(key === from ? 'from' : 'to')} type="number" onSet={(v) => set(key, v)} />
        ))}
      </span>
    </fieldset>
  )
  const yesNo = [
    { value: 'true', label: s('yes') },
    { value: 'false', label: s('no') },
  ]
  const any = Object.keys(search).length > 0
  return (
    <div className="filters">
      <label className="filter filter-text">
        <span>{s('find')}</span>
        <Input.Search key={search.text ?? ''} allowClear defaultValue={search.text ?? ''} aria-label={s('find')} onSearch={(v) => set('text', v)} />
      </label>
      {choose('agent', s('agent'), agents)}
      {choose('queue', s('queue'), queues)}
      <fieldset className="filter filter-days">
        <legend>{s('days')}</legend>
        <span className="filter-span">
          {(['since', 'until'] as const).map((key) => (
            <Input key={key} type="date" aria-label={`${s('days')} ${s(key === 'since' ? 'from' : 'to')}`} value={search[key] ?? ''} onChange={(e) => set(key, e.target.value)} />
          ))}
        </span>
      </fieldset>
      {open && (
        <>
          {typed('number', s('number'), s('number.hint'))}
          {span(s('talk'), 'talk_from', 'talk_to')}
          {choose('over_rings', s('rings'), [
            { value: 'true', label: s('over') },
            { value: 'false', label: s('within') },
          ])}
          {choose('release', s('release'), ['caller', 'agent', 'system'].map((r) => ({ value: r, label: word('release', r) })))}
          {span(s('mark'), 'mark_from', 'mark_to')}
          {choose('category', s('category'), [...categories, { value: 'none', label: s('unregistered') }])}
          {span(s('score'), 'score_from', 'score_to')}
          {choose('state', s('state'), (['kept', 'gaps', 'incomplete', 'missing', 'erased'] as const).map((x) => ({ value: x, label: s(`state.${x}`) })))}
          {choose('held', s('held'), yesNo)}
          {typed('dead_air_from', s('dead'), '', 'number')}
          {typed('crosstalk_from', s('cross'), '', 'number')}
          {typed('monologue_from', s('monologue'), '', 'number')}
          {typed('first_word_from', s('first'), '', 'number')}
          {typed('quiet_to', s('quiet'), '', 'number')}
          {span(s('share'), 'share_from', 'share_to')}
        </>
      )}
      <span className="filter-buttons">
        <Button type="link" aria-expanded={open} onClick={() => setOpen((x) => !x)}>
          {s(open ? 'less' : 'more')}
        </Button>
        {any && (
          <Button type="link" onClick={() => onSearch({})}>
            {s('clear')}
          </Button>
        )}
      </span>
    </div>
  )
}

function Typed({ value, label, hint, type, onSet }: { value: string; label: string; hint: string; type: string; onSet: (v: string) => void }) {
  const [now, setNow] = useState(value)
  return <Input value={now} type={type} min={0} placeholder={hint} aria-label={label} onChange={(e) => setNow(e.target.value)} onPressEnter={() => onSet(now)} onBlur={() => onSet(now)} />
}
