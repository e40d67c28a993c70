// The wave form of a recording: both channels as peaks, so many a second.

export interface Peaks {
  rate: number
  left: number[] // 0..255, the caller
  right: number[] // the agent's side
}

const WORD = 0.12 // of the whole width

export interface Mark {
  atMs: number
  kind: string
  lengthMs?: number
}

/** What came by wire, or null if it is no wave form. */
export function parsePeaks(v: unknown): Peaks | null {
  const p = v as Partial<Peaks> | null
  if (!p || typeof p.rate !== 'number' || !(p.rate > 0) || !Array.isArray(p.left) || !Array.isArray(p.right)) return null
  const level = (x: unknown) => (typeof x === 'number' && x >= 0 && x <= 255 ? x : 0)
  return { rate: p.rate, left: p.left.map(level), right: p.right.map(level) }
}

const QUIET = 6 // of 255: about -33 dB under full scale
/** A silence is skipped when it lasts longer, and so much of it is left on either side. */
const LONG_MS = 1000
const LEFT_MS = 200

/** Stretches in which nobody is heard, worth skipping. */
export function silences(p: Peaks): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = []
  const n = Math.max(p.left.length, p.right.length)
  let begin = -1
  for (let i = 0; i <= n; i++) {
    const quiet = i < n && (p.left[i] ?? 0) <= QUIET && (p.right[i] ?? 0) <= QUIET
    if (quiet && begin < 0) begin = i
    if (quiet || begin < 0) continue
    const from = (begin / p.rate) * 1000
    const to = (i / p.rate) * 1000
    if (to - from > LONG_MS) out.push({ from: from + LEFT_MS, to: to - LEFT_MS })
    begin = -1
  }
  return out
}

/** Where to go on from a moment: behind the silence that it lies in, else the moment itself. */
export function beyondSilence(list: { from: number; to: number }[], ms: number): number {
  const s = list.find((x) => ms >= x.from && ms < x.to)
  return s ? s.to : ms
}

/** The marks that stand so close together that their words would cover each other, as one. */
export function together(marks: readonly Mark[], lengthMs: number): Mark[][] {
  const out: Mark[][] = []
  for (const m of marks.toSorted((a, b) => a.atMs - b.atMs)) {
    const group = out.at(-1)
    if (group?.[0] && m.atMs - group[0].atMs < lengthMs * WORD) group.push(m)
    else out.push([m])
  }
  return out
}

/** The loudest peak of each of so many columns. */
export function columns(levels: number[], count: number): number[] {
  const out = Array.from({ length: count }, () => 0)
  for (let i = 0; i < levels.length; i++) {
    const c = Math.min(count - 1, Math.floor((i * count) / levels.length))
    out[c] = Math.max(out[c] ?? 0, levels[i] ?? 0)
  }
  return out
}

export interface Paint {
  caller: string
  agent: string
  dim: string
  line: string
  hidden: string
}

/** Draws both lanes; what was played is bright. */
export function draw(canvas: HTMLCanvasElement, peaks: Peaks | null, played: number, marks: readonly Mark[], lengthMs: number, paint: Paint): void {
  const scale = window.devicePixelRatio || 1
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale)
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale)
  const g = canvas.getContext('2d')
  if (!g) return
  g.setTransform(scale, 0, 0, scale, 0, 0)
  g.clearRect(0, 0, width, height)
  const lane = height / 2
  g.fillStyle = paint.line
  g.fillRect(0, lane - 0.5, width, 1)
  for (const m of marks) {
    if (!m.lengthMs || lengthMs <= 0) continue
    g.fillStyle = paint.hidden
    g.fillRect((m.atMs / lengthMs) * width, 0, Math.max(2, (m.lengthMs / lengthMs) * width), height)
  }
  if (peaks) {
    const bar = 3
    const count = Math.max(1, Math.floor(width / bar))
    const sides: [number[], number, string][] = [
      [columns(peaks.left, count), lane / 2, paint.caller],
      [columns(peaks.right, count), lane * 1.5, paint.agent],
    ]
    for (const [levels, middle, colour] of sides) {
      levels.forEach((v, i) => {
        // Speech lies in the lower half of the scale: a root lets it be seen.
        const h = Math.max(1, Math.sqrt(v / 255) * (lane - 8))
        g.fillStyle = i / count < played ? colour : paint.dim
        g.fillRect(i * bar, middle - h / 2, bar - 1, h)
      })
    }
  }
  g.fillStyle = '#fff'
  g.fillRect(Math.min(width - 2, Math.max(0, played * width - 1)), 0, 2, height)
}
