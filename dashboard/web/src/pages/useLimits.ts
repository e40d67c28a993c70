import { useCallback, useEffect, useRef, useState } from 'react'
import { problemOf, request, type Problem } from './api'
import { parseBans, parseLimits, type Ban, type Limits } from './limitsData'

/** How often the page is looked at again. */
const LOOK_MS = 3000

/** Limits as they are used, and the bans; what was shown stays when an answer fails. */
export function useLimits(onSignedOut: () => void) {
  const [limits, setLimits] = useState<Limits | null>(null)
  const [bans, setBans] = useState<Ban[] | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const asked = useRef(0)
  const look = useCallback(() => {
    const turn = ++asked.current
    return Promise.all([request<unknown>('GET', '/limits'), request<unknown>('GET', '/bans')])
      .then(([l, b]) => {
        if (turn !== asked.current) return
        setLimits(parseLimits(l))
        setBans(parseBans(b))
        setProblem(null)
      })
      .catch((e: unknown) => {
        if (turn !== asked.current) return
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else setProblem(p)
      })
  }, [onSignedOut])
  useEffect(() => {
    void look()
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void look()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [look])
  return { limits, bans, problem, look }
}
