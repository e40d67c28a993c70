import { useCallback, useEffect, useRef, useState } from 'react'
import { parseFrame, type Frame } from '../wire'
import { problemOf, request, type CallPage, type CallRow, type Problem } from './api'

const PAGE = 50
/** How often calls on the page are looked at again, and how many at most (the API's own limit). */
const LOOK_MS = 3000
const MOST = 500

export interface Filter {
  queue: string
  outcome: string
  agent: string
}

/**
 * The calls so far read, newest first, and how to read on. Those shown are kept
 * up to date where they stand; newer ones are only counted (fresh), so no row
 * moves under a hand about to press it.
 */
export function useCalls(filter: Filter, day: string | null, onSignedOut: () => void) {
  const [rows, setRows] = useState<CallRow[]>([])
  const [next, setNext] = useState('')
  const [busy, setBusy] = useState(true)
  const [fresh, setFresh] = useState(0)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [heardAt, setHeardAt] = useState<number | null>(null) // by our own clock
  const asked = useRef(0)
  const shown = useRef<CallRow[]>([])
  useEffect(() => {
    shown.current = rows
  }, [rows])

  const ask = useCallback(
    (limit: number, cursor: string) => {
      const query = new URLSearchParams({ limit: String(limit) })
      if (day) query.set('since', day)
      if (cursor) query.set('cursor', cursor)
      for (const [key, value] of Object.entries(filter)) if (value) query.set(key, value)
      return request<CallPage>('GET', `/calls?${query}`)
    },
    [filter, day],
  )
  const failed = useCallback(
    (e: unknown) => {
      const p = problemOf(e)
      if (p.status === 401) onSignedOut()
      else setProblem(p)
    },
    [onSignedOut],
  )

  const read = useCallback(
    (cursor: string) => {
      if (day === null) return
      const turn = ++asked.current
      setBusy(true)
      ask(PAGE, cursor)
        .then((page) => {
          if (turn !== asked.current) return
          setRows((old) => (cursor ? [...old, ...(page.calls ?? [])] : (page.calls ?? [])))
          setNext(page.next_cursor ?? '')
          if (!cursor) setFresh(0)
          setProblem(null)
          setHeardAt(Date.now())
        })
        .catch((e: unknown) => turn === asked.current && failed(e))
        .finally(() => {
          if (turn === asked.current) setBusy(false)
        })
    },
    [ask, day, failed],
  )
  useEffect(() => read(''), [read])

  useEffect(() => {
    if (day === null || busy) return
    let wanted = true
    const look = () => {
      if (document.visibilityState !== 'visible') return
      const turn = asked.current
      ask(Math.min(MOST, Math.max(PAGE, shown.current.length)), '')
        .then((page) => {
          if (!wanted || turn !== asked.current) return
          const now = page.calls ?? []
          const known = new Map(now.map((c) => [c.id, c]))
          const old = new Set(shown.current.map((c) => c.id))
          setRows((all) => all.map((c) => known.get(c.id) ?? c))
          const first = now.findIndex((c) => old.has(c.id))
          setFresh(first < 0 ? now.length : first)
          setProblem(null)
          setHeardAt(Date.now())
        })
        .catch((e: unknown) => wanted && turn === asked.current && failed(e))
    }
    const timer = setInterval(look, LOOK_MS)
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [ask, busy, day, failed])

  return { rows, next, busy, fresh, problem, heardAt, read }
}

export interface House {
  frame: Frame | null
  /** null while asking. */
  day: string | null
  /** ms: the server's clock − ours. */
  offset: number
}

/** The house's day, its clock, and names of queues and agents, from one frame of the wallboard. */
export function useHouse(): House {
  const [house, setHouse] = useState<House>({ frame: null, day: null, offset: 0 })
  useEffect(() => {
    request<unknown>('GET', '/wallboard')
      .then((v) => {
        const frame = parseFrame(JSON.stringify(v))
        setHouse({ frame, day: frame?.day ?? '', offset: frame ? frame.at - Date.now() : 0 })
      })
      .catch(() => setHouse({ frame: null, day: '', offset: 0 })) // ids are shown then
  }, [])
  return house
}
