import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Live, wallboardURL, type Snapshot } from '../live'

/** A live source for as long as the component is shown. */
export function useLive(): Live {
  const [live] = useState(() => new Live(wallboardURL(window.location)))
  useEffect(() => {
    live.start()
    return () => live.stop()
  }, [live])
  return live
}

export function useSnapshot(live: Live): Snapshot {
  return useSyncExternalStore(live.subscribe, live.get)
}

export const LiveContext = createContext<Live | null>(null)

/** Four times a second is enough for seconds to look even and rings to be on time. */
const TICK_MS = 250

class Ticker {
  private readonly listeners = new Set<() => void>()
  private timer: ReturnType<typeof setInterval> | undefined
  private count = 0

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    this.timer ??= setInterval(() => {
      this.count++
      for (const l of this.listeners) l()
    }, TICK_MS)
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) {
        clearInterval(this.timer)
        this.timer = undefined
      }
    }
  }

  get = (): number => this.count
}

const ticker = new Ticker()

/** Renders the component at every tick. */
export function useTick(): number {
  return useSyncExternalStore(ticker.subscribe, ticker.get)
}

/** The time up to which figures tick, renewed at every tick. */
export function useTickNow(): number {
  useTick()
  const live = useContext(LiveContext)
  return live ? live.tickNow() : Date.now()
}

/** Where letters are text, and a dialogue that is open has its own keys. */
const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type=radio]), textarea, select') || target.closest('[role=dialog], [role=menu]') !== null)

/** One key each; never with a modifier, which is the browser's, nor where text is written. */
export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.isComposing || writes(e.target)) return
      const act = latest.current[e.key.toLowerCase()]
      if (!act) return
      e.preventDefault() // the letter is not to land in a field that the key opens
      act()
    }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  }, [])
}
