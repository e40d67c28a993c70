// Gentle synthesised sounds: a soft mallet note for ring 2, two for ring 3,
// three falling ones for a phone that rang too long. No audio files to load.

import type { RingLevel } from '../rings'

type Note = { at: number; hz: number; gain: number }

const tunes: Partial<Record<RingLevel, Note[]>> = {
  amber: [{ at: 0, hz: 587.3, gain: 0.16 }],
  orange: [
    { at: 0, hz: 659.3, gain: 0.2 },
    { at: 0.22, hz: 784, gain: 0.2 },
  ],
  over: [
    { at: 0, hz: 784, gain: 0.26 },
    { at: 0.2, hz: 622.3, gain: 0.26 },
    { at: 0.4, hz: 466.2, gain: 0.28 },
  ],
}

declare global {
  interface Window {
    /** Tests put a function here to count the sounds asked for. */
    __threeringsSound?: (level: RingLevel, audible: boolean) => void
  }
}

export class Chime {
  private context: AudioContext | null = null
  private readonly changed: () => void

  constructor(changed: () => void) {
    this.changed = changed
  }

  /** Prepares the audio; browsers let it run only after a gesture. */
  start(): void {
    if (this.context || typeof AudioContext === 'undefined') return
    this.context = new AudioContext()
    this.context.addEventListener('statechange', this.changed)
    this.changed()
  }

  stop(): void {
    this.context?.removeEventListener('statechange', this.changed)
    void this.context?.close()
    this.context = null
  }

  /** To be called from a click or a key press. */
  unlock(): void {
    if (this.context?.state === 'suspended') void this.context.resume().then(this.changed)
  }

  get blocked(): boolean {
    return this.context !== null && this.context.state === 'suspended'
  }

  play(level: RingLevel): void {
    const context = this.context
    const audible = context !== null && context.state === 'running'
    window.__threeringsSound?.(level, audible)
    if (!context || !audible) return
    for (const note of tunes[level] ?? []) strike(context, context.currentTime + 0.02 + note.at, note)
  }
}

/** One note: a sine and a quiet twelfth above it, struck softly, dying away. */
function strike(context: AudioContext, at: number, { hz, gain }: Note): void {
  for (const [ratio, share, length] of [
    [1, 1, 0.9],
    [3, 0.12, 0.35],
  ] as const) {
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.frequency.value = hz * ratio
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(gain * share, at + 0.015)
    volume.gain.exponentialRampToValueAtTime(0.0005, at + length)
    tone.connect(volume).connect(context.destination)
    tone.start(at)
    tone.stop(at + length + 0.05)
  }
}
