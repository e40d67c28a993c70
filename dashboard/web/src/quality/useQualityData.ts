import { useCallback, useEffect, useMemo, useState } from 'react'
import { useLanguage } from '../i18n'
import { problemOf, request, type Problem } from '../pages/api'
import { useHouse } from '../pages/useCalls'
import { clock } from '../time'

/** Reads an address, and again when asked; what was shown stays when an answer fails. */
export function useRead<T>(path: string | null, onSignedOut: () => void) {
  const [value, setValue] = useState<T | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (path === null) return
    let left = false
    request<T>('GET', path)
      .then((v) => {
        if (left) return
        setValue(v)
        setProblem(null)
      })
      .catch((e: unknown) => {
        if (left) return
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else setProblem(p)
      })
    return () => {
      left = true
    }
  }, [path, turn, onSignedOut])
  const again = useCallback(() => setTurn((n) => n + 1), [])
  return { value, setValue, problem, again }
}

/** Names and times as the house writes them. */
export function useHouseWords() {
  const { name } = useLanguage()
  const { frame } = useHouse()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const agents = frame?.agents
  return useMemo(
    () => ({
      zone,
      agents: (agents ?? []).map((a) => ({ id: a.id, name: name(a) })),
      agent: (id: string) => {
        const found = agents?.find((a) => a.id === id)
        return found ? name(found) : id
      },
      time: (at: string | null | undefined) => {
        const ms = Date.parse(at ?? '')
        return Number.isNaN(ms) ? '–' : `${new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms)} ${clock(ms, zone).slice(0, 5)}`
      },
    }),
    [agents, name, zone],
  )
}
