import { useCallback, useEffect, useRef, useState } from 'react'
import type { Agent } from '../wire'
import { problemOf, request, type Problem } from './api'
import { parseDesk, type Desk } from './deskData'

/** How often the desk is looked at without a sign that it changed. */
const LOOK_MS = 5000

/** What of a frame tells that an agent's desk may have changed. */
export const signOf = (a: Agent | undefined): string => (a ? JSON.stringify([a.state, a.since, a.reason, a.pending, a.phone, a.ring?.since, a.talk, a.today]) : '')

/**
 * An agent's desk. Frames of the wallboard come as things happen and tell when
 * to ask; the desk itself comes whole, so nothing on it contradicts the rest.
 */
export function useDesk(id: string, sign: string, onSignedOut: () => void) {
  const [desk, setDesk] = useState<Desk | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const asked = useRef(0)
  const seen = useRef(0)

  const look = useCallback(() => {
    if (id === '') return
    const turn = ++asked.current
    request<unknown>('GET', `/agents/${encodeURIComponent(id)}/desk`)
      .then((v) => {
        if (turn < seen.current) return // a later answer was faster
        seen.current = turn
        setDesk(parseDesk(v))
        setProblem(null)
      })
      .catch((e: unknown) => {
        if (turn < seen.current) return
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else setProblem(p)
      })
  }, [id, onSignedOut])

  useEffect(() => look(), [look, sign])
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') look()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [look])
  return { desk, problem, look }
}
