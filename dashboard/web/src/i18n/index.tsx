import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { recall, remember } from '../app/storage'
import type { Silence } from '../live'
import { clock } from '../time'
import { en } from './en'
import { zh, type Dictionary, type Key } from './zh'

export type { Key } from './zh'
export type Lang = 'zh-CN' | 'en'

const dictionaries: Record<Lang, Dictionary> = { 'zh-CN': zh, en }

export function asLang(tag: string | null | undefined): Lang | null {
  if (!tag) return null
  if (/^zh\b/i.test(tag)) return 'zh-CN'
  return /^en\b/i.test(tag) ? 'en' : null
}

/** The address decides, then the last choice, then the browser, then Chinese. */
export function chooseLang(search: string, remembered: string | null, browser: readonly string[]): Lang {
  const asked = asLang(new URLSearchParams(search).get('lang')) ?? asLang(remembered)
  if (asked) return asked
  for (const tag of browser) {
    const lang = asLang(tag)
    if (lang) return lang
  }
  return 'zh-CN'
}

/** Puts values in the places {named} so. */
export function fill(text: string, values?: Record<string, string | number>): string {
  if (!values) return text
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all))
}

export type Translate = (key: Key, values?: Record<string, string | number>) => string

/** How many rings, in words. */
export const ringsHeard = (t: Translate, n: number) => t(n === 1 ? 'ring.short.one' : 'ring.short', { n })

/** Since when nothing is heard, and how long that is by now. */
export function silenceText(t: Translate, silence: Silence, timezone = 'Asia/Shanghai'): string {
  const s = Math.floor(silence.ms / 1000)
  return t('live.stale', { time: clock(silence.since, timezone), age: s < 120 ? t('unit.s', { n: s }) : t('unit.min', { n: Math.floor(s / 60) }) })
}

export const silenceHint = (t: Translate, silence: Silence) => t(silence.of === 'node' ? 'live.stale.node' : 'live.stale.hint')

interface Language {
  lang: Lang
  t: Translate
  /** For words that came by wire: unknown ones are shown as they are. */
  word: (prefix: string, word: string) => string
  /** The reader's one of two names. */
  name: (thing: { name: string; nameEn: string }) => string
  toggle: () => void
}

const Context = createContext<Language | null>(null)

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [lang, setLang] = useState<Lang>(() =>
    chooseLang(window.location.search, recall('lang'), navigator.languages ?? []),
  )
  useEffect(() => {
    document.documentElement.lang = lang
  }, [lang])

  const toggle = useCallback(() => {
    setLang((old) => {
      const next = old === 'en' ? 'zh-CN' : 'en'
      remember('lang', next)
      return next
    })
    // The choice just made outweighs the address it came with.
    const url = new URL(window.location.href)
    if (url.searchParams.has('lang')) {
      url.searchParams.delete('lang')
      window.history.replaceState(null, '', url)
    }
  }, [])

  const value = useMemo<Language>(() => {
    const d = dictionaries[lang]
    return {
      lang,
      t: (key, values) => fill(d[key], values),
      word: (prefix, word) => d[`${prefix}.${word}` as Key] ?? word,
      name: (thing) => (lang === 'en' ? thing.nameEn : thing.name),
      toggle,
    }
  }, [lang, toggle])
  return <Context.Provider value={value}>{children}</Context.Provider>
}

export function useLanguage(): Language {
  const language = useContext(Context)
  if (!language) throw new Error('useLanguage is used outside of LanguageProvider')
  return language
}

/** Names the page in the browser's tab, in the reader's language. */
export function useTitle(title: string, centre?: string): void {
  const { t } = useLanguage()
  useEffect(() => {
    document.title = [title, centre ?? t('app.name')].filter(Boolean).join(' · ')
  }, [title, centre, t])
}
