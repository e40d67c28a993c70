import { useCallback, useEffect, useRef, useState } from 'react'

export type Side = 'both' | 'left' | 'right'

export interface Audio {
  ready: boolean
  playing: boolean
  failed: boolean
  /** ms */
  at: number
  length: number
  toggle: () => void
  seek: (ms: number) => void
  now: () => number
  setSpeed: (x: number) => void
  setSide: (s: Side) => void
  retry: () => void
}

/** Plays one address. Each side can be heard alone; speed keeps the pitch. */
export function useAudio(src: string | null, skip: (ms: number) => number): Audio {
  const element = useRef<HTMLAudioElement | null>(null)
  const gains = useRef<{ context: AudioContext; left: GainNode; right: GainNode } | null>(null)
  const speed = useRef(1)
  const side = useRef<Side>('both')
  const wanted = useRef<number | null>(null) // a seek before the length is known
  const skipping = useRef(skip)
  const [state, setState] = useState({ ready: false, playing: false, failed: false, at: 0, length: 0 })
  useEffect(() => {
    skipping.current = skip
  }, [skip])

  useEffect(() => {
    if (!src) return
    const a = new window.Audio()
    a.preload = 'auto'
    a.preservesPitch = true
    a.playbackRate = speed.current
    element.current = a
    const tell = () => setState({ ready: a.readyState >= 1, playing: !a.paused && !a.ended, failed: a.error !== null, at: a.currentTime * 1000, length: Number.isFinite(a.duration) ? a.duration * 1000 : 0 })
    const loaded = () => {
      if (wanted.current !== null) a.currentTime = wanted.current / 1000
      wanted.current = null
      tell()
    }
    a.addEventListener('loadedmetadata', loaded)
    for (const name of ['play', 'pause', 'ended', 'error', 'seeked', 'durationchange', 'canplay']) a.addEventListener(name, tell)
    let frame = 0
    let told = 0
    const look = (t: number) => {
      if (!a.paused) {
        const ms = a.currentTime * 1000
        const to = skipping.current(ms)
        if (to > ms + 50) a.currentTime = to / 1000
        if (t - told > 40) {
          told = t
          tell()
        }
      }
      frame = requestAnimationFrame(look)
    }
    frame = requestAnimationFrame(look)
    a.src = src
    void a.play().catch(() => undefined) // who asked to listen wants to hear; a browser may want one more press
    return () => {
      cancelAnimationFrame(frame)
      a.pause()
      a.removeAttribute('src')
      a.load()
      element.current = null
      void gains.current?.context.close()
      gains.current = null
    }
  }, [src])

  /** Made when a side is wanted alone: until then the element plays by itself. */
  const route = useCallback(() => {
    const a = element.current
    if (!a) return
    if (!gains.current) {
      if (side.current === 'both') return
      const context = new AudioContext()
      const split = context.createChannelSplitter(2)
      const left = context.createGain()
      const right = context.createGain()
      context.createMediaElementSource(a).connect(split)
      split.connect(left, 0)
      split.connect(right, 1)
      const merge = context.createChannelMerger(2)
      for (const g of [left, right]) {
        g.connect(merge, 0, 0) // both ears hear whoever is heard
        g.connect(merge, 0, 1)
      }
      merge.connect(context.destination)
      gains.current = { context, left, right }
    }
    gains.current.left.gain.value = side.current === 'right' ? 0 : 1
    gains.current.right.gain.value = side.current === 'left' ? 0 : 1
    void gains.current.context.resume()
  }, [])

  // What the reader saw decides, not what the element does since: it may have begun by itself just before "play" was pressed.
  const { playing } = state
  const toggle = useCallback(() => {
    const a = element.current
    if (!a) return
    if (playing) a.pause()
    else void a.play().catch(() => undefined)
  }, [playing])
  const seek = useCallback((ms: number) => {
    const a = element.current
    const to = Math.max(0, ms)
    if (!a || a.readyState < 1) wanted.current = to
    else a.currentTime = Math.min(to / 1000, a.duration || 0)
    setState((s) => ({ ...s, at: to }))
  }, [])
  const now = useCallback(() => (element.current ? element.current.currentTime * 1000 : 0), [])
  const setSpeed = useCallback((x: number) => {
    speed.current = x
    if (element.current) element.current.playbackRate = x
  }, [])
  const setSide = useCallback(
    (s: Side) => {
      side.current = s
      route()
    },
    [route],
  )
  const retry = useCallback(() => {
    const a = element.current
    if (!a) return
    a.load()
    void a.play().catch(() => undefined)
  }, [])
  return { ...state, toggle, seek, now, setSpeed, setSide, retry }
}
