// Clocks and how durations are written.

/** m:ss up to an hour, h:mm:ss beyond; never negative (clocks differ a little). */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  const h = Math.floor(s / 3600)
  const m = Math.floor(s / 60) % 60
  const ss = String(s % 60).padStart(2, '0')
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${ss}` : `${m}:${ss}`
}

/** Seconds with one decimal, as in "6.2". */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

/**
 * A share as whole percent, rounded down: 99.6 % is not 100 %, and 94.7 % that
 * is under a limit of 95 % must not read 95 %.
 */
export function percent(value: number): string {
  return String(Math.floor(value * 100 + 1e-9))
}

/**
 * Offset estimates server clock − client clock from the time in each frame.
 * A frame is always seen later than it was built, so of several estimates the
 * largest suffered the least delay; a window lets the clocks drift.
 */
export class Offset {
  private samples: number[] = []
  private readonly window: number

  constructor(window = 16) {
    this.window = window
  }

  add(serverAt: number, clientNow: number): void {
    this.samples.push(serverAt - clientNow)
    if (this.samples.length > this.window) this.samples.shift()
  }

  /** Forgets all: another server may have another clock. */
  reset(): void {
    this.samples = []
  }

  get ms(): number {
    return this.samples.length === 0 ? 0 : Math.max(...this.samples)
  }
}

/** The time of day in the centre's zone, HH:MM:SS. */
export function clock(ms: number, timezone: string): string {
  return inZone(timezone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }, 'en-GB').format(ms)
}

/** The date in the centre's zone, written in the reader's language. */
export function date(ms: number, timezone: string, locale: string): string {
  return inZone(timezone, { month: 'long', day: 'numeric', weekday: 'long' }, locale).format(ms)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function inZone(timezone: string, options: Intl.DateTimeFormatOptions, locale: string): Intl.DateTimeFormat {
  const key = JSON.stringify([timezone, options, locale])
  let format = formats.get(key)
  if (!format) {
    try {
      format = new Intl.DateTimeFormat(locale, { ...options, timeZone: timezone })
    } catch {
      format = new Intl.DateTimeFormat(locale, options) // a zone this browser does not know
    }
    formats.set(key, format)
  }
  return format
}
