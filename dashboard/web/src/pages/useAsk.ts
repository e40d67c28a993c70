import { App as AntApp } from 'antd'
import { useCallback } from 'react'
import { useLanguage } from '../i18n'
import { problemOf, request, type Problem } from './api'

/** What went wrong and what to do, in the reader's words; the server's own where there are none. */
export function useSaid(): (p: Problem) => string {
  const { t, word } = useLanguage()
  return useCallback(
    (p: Problem) => {
      if (p.status === 0) return t('login.offline')
      const said = word('problem', p.code)
      return said === p.code ? p.message : said
    },
    [t, word],
  )
}

/** Asks the server to do something; what fails is said, and answered with null. */
export function useAsk(onSignedOut: () => void) {
  const { message } = AntApp.useApp()
  const said = useSaid()
  return useCallback(
    async <T = unknown>(method: string, path: string, body?: unknown): Promise<{ value: T } | null> => {
      try {
        return { value: await request<T>(method, path, body) }
      } catch (e) {
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else void message.error({ key: p.code, content: said(p), duration: 6 })
        return null
      }
    },
    [message, onSignedOut, said],
  )
}
