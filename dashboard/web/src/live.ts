// The one live source of a page: a socket kept alive by the machine of
// socket.ts, the newest frame, and what the server's clock says.

import { idle, step, type Input, type Phase, type State } from './socket'
import { Offset } from './time'
import { parseFrame, type Frame } from './wire'

/** Without a frame for longer than this the figures are called stale. */
export const STALE_MS = 3000

/** What is shown is not the present. */
export interface Silence {
  /** When the last news came, by the server's clock. */
  since: number
  /** How long ago that was, in ms. */
  ms: number
  /** Who hears nothing: this page, or the server's node. */
  of: 'page' | 'node'
}

/** The silence at a moment: the node's goes before our own, for it is the longer. */
export function silenceOf(frame: Frame, age: number): Silence | null {
  const own = age > STALE_MS
  if (frame.silentSince !== null) return { since: frame.silentSince, ms: Math.max(0, frame.at - frame.silentSince + age), of: own ? 'page' : 'node' }
  return own ? { since: frame.at, ms: age, of: 'page' } : null
}

export interface Snapshot {
  frame: Frame | null
  phase: Phase
}

export class Live {
  private state: State = idle
  private socket: WebSocket | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly listeners = new Set<() => void>()
  private readonly offset = new Offset()
  private lastFrameAt = -Infinity // of the monotonic clock
  private snapshot: Snapshot = { frame: null, phase: 'idle' }
  private published: Frame | null = null // the frame listeners know of
  private readonly url: string

  constructor(url: string) {
    this.url = url
  }

  start(): void {
    window.addEventListener('online', this.wake)
    document.addEventListener('visibilitychange', this.wake)
    this.input({ type: 'start' })
  }

  stop(): void {
    window.removeEventListener('online', this.wake)
    document.removeEventListener('visibilitychange', this.wake)
    this.input({ type: 'stop' })
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  get = (): Snapshot => this.snapshot

  /** ms since the newest frame came; Infinity before the first. */
  age(): number {
    return performance.now() - this.lastFrameAt
  }

  stale(): boolean {
    return this.silence() !== null
  }

  /** Since when nothing is heard; null while what is shown is the present. */
  silence(): Silence | null {
    return this.snapshot.frame && silenceOf(this.snapshot.frame, this.age())
  }

  /** The server's clock now. */
  serverNow(): number {
    return Date.now() + this.offset.ms
  }

  /**
   * The time up to which figures may tick: a stale page stops counting, since
   * whoever was waiting may be gone.
   */
  tickNow(): number {
    const silence = this.silence()
    return this.serverNow() - (silence ? Math.max(0, silence.ms - STALE_MS) : 0)
  }

  private wake = (): void => {
    if (document.visibilityState === 'visible') this.input({ type: 'wake' })
  }

  private input(input: Input): void {
    const [next, effects] = step(this.state, input)
    this.state = next
    for (const e of effects) {
      switch (e.type) {
        case 'dial':
          this.dial()
          break
        case 'drop':
          this.drop()
          break
        case 'timer':
          clearTimeout(this.timer)
          this.timer = setTimeout(() => this.input({ type: 'timer' }), e.ms)
          break
        case 'timer-off':
          clearTimeout(this.timer)
          break
      }
    }
    this.publish({ ...this.snapshot, phase: next.phase })
  }

  private dial(): void {
    this.drop()
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.addEventListener('open', () => this.input({ type: 'opened' }))
    socket.addEventListener('message', (m) => this.frame(m.data))
    socket.addEventListener('close', (e) => {
      if (this.socket === socket) this.input({ type: 'closed', code: e.code, random: Math.random() })
    })
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close()
  }

  private frame(data: unknown): void {
    const frame = typeof data === 'string' ? parseFrame(data) : null
    if (!frame) return
    const old = this.snapshot.frame
    if (old && old.since !== frame.since) this.offset.reset()
    this.offset.add(frame.at, Date.now())
    this.lastFrameAt = performance.now()
    this.snapshot = { ...this.snapshot, frame }
    this.input({ type: 'frame' })
  }

  private publish(next: Snapshot): void {
    const old = this.snapshot
    if (old.frame === next.frame && old.phase === next.phase && this.published === next.frame) return
    this.snapshot = next
    this.published = next.frame
    for (const l of this.listeners) l()
  }
}

/** The address of the wallboard's socket on the host that served this page. */
export function wallboardURL(loc: Pick<Location, 'protocol' | 'host'>): string {
  return `${loc.protocol === 'https:' ? 'wss' : 'ws'}://${loc.host}/ws/v1/wallboard`
}

