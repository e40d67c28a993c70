import { useCallback, useEffect, useState } from 'react'
import { problemOf, request, type Problem } from './api'

/** Reads an address once, and again when asked to. What is there stays shown while it is read anew. */
export function useRead<T>(path: string, onSignedOut: () => void): { value: T | null; problem: Problem | null; read: () => void } {
  const [value, setValue] = useState<T | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const read = useCallback(() => {
    setProblem(null)
    request<T>('GET', path)
      .then(setValue)
      .catch((e: unknown) => {
        const p = problemOf(e)
        if (p.status === 401) onSignedOut()
        else setProblem(p)
      })
  }, [path, onSignedOut])
  useEffect(read, [read])
  return { value, problem, read }
}
