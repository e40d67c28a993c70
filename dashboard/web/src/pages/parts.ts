/** A place in a bar, as shares of its width; row: below those it overlaps. */
export interface Span {
  left: number
  width: number
  row: number
}

/** The narrowest mark that is still seen. */
const LEAST = 0.012

/**
 * Spreads times over a bar from the first beginning to the last end. Two who
 * talk at the same time stand below each other.
 */
export function spread(times: readonly { from: number; to: number }[]): Span[] {
  const first = Math.min(...times.map((x) => x.from))
  const whole = Math.max(1, Math.max(...times.map((x) => x.to)) - first)
  const ends: number[] = [] // of each row
  return times.map(({ from, to }) => {
    const width = Math.max(LEAST, (to - from) / whole)
    const left = Math.min((from - first) / whole, 1 - width)
    let row = ends.findIndex((end) => end <= left + 1e-9)
    if (row < 0) row = ends.length
    ends[row] = left + width
    return { left, width, row }
  })
}
