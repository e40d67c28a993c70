import { useCallback, useEffect, useRef, useState } from 'react'
import { recall, remember } from '../app/storage'
import { problemOf, request } from '../pages/api'
import { NO_JUDGEMENT, whole, type Evaluation, type Judgement } from './data'

const SAVE_MS = 800
const AGAIN_MS = 4000

export type Kept = 'saved' | 'saving' | 'unsaved'

/**
 * A judgement under way. Each change is kept on this computer at once and on the
 * server a moment later, and again until it is there: neither a closed window nor
 * a server that is away loses an answer.
 */
export function useDraft(id: string, stored: Judgement | null, toServer: boolean, onSignedOut: () => void) {
  const key = `qa-draft-${id}`
  const [judgement, setJudgement] = useState<Judgement>(NO_JUDGEMENT)
  const [kept, setKept] = useState<Kept>('saved')
  const [refused, setRefused] = useState('')
  const begun = useRef('')
  const latest = useRef(judgement)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const later = useRef<() => void>(() => undefined)

  const send = useCallback(() => {
    clearTimeout(timer.current)
    if (!toServer) return Promise.resolve(true)
    const sent = latest.current
    setKept('saving')
    return request<Evaluation>('PUT', `/qa/evaluations/${id}`, { judgement: sent })
      .then(() => {
        if (latest.current !== sent) return false // more was written meanwhile; its own timer runs
        setKept('saved')
        setRefused('')
        remember(key, '')
        return true
      })
      .catch((e: unknown) => {
        const p = problemOf(e)
        setKept('unsaved')
        if (p.status === 401) onSignedOut()
        else if (p.status >= 400 && p.status < 500) setRefused(p.message)
        else timer.current = setTimeout(() => later.current(), AGAIN_MS)
        return false
      })
  }, [id, key, toServer, onSignedOut])

  useEffect(() => {
    later.current = () => void send()
  }, [send])

  const change = useCallback(
    (make: (j: Judgement) => Judgement) => {
      latest.current = make(latest.current)
      setJudgement(latest.current)
      remember(key, JSON.stringify(latest.current))
      setKept(toServer ? 'saving' : 'saved')
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void send(), SAVE_MS)
    },
    [key, send, toServer],
  )
  useEffect(() => {
    if (!stored || begun.current === key) return
    begun.current = key
    const mine = recall(key)
    latest.current = whole(stored)
    setJudgement(latest.current)
    if (mine) {
      try {
        const found = whole(JSON.parse(mine) as Judgement)
        change(() => found)
      } catch {
        remember(key, '')
      }
    }
  }, [stored, key, change])
  useEffect(() => () => clearTimeout(timer.current), [])
  return { judgement, change, kept, refused, send, forget: useCallback(() => remember(key, ''), [key]) }
}
