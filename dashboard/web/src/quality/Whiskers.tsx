import type { Result } from './Scores'
import { useQuality } from './text'

const ROW = 34
const TOP = 26

interface Props {
  results: readonly Result[]
  grades: readonly { name: string; from: number }[]
  nameOf: (agent: string) => string
  narrow: boolean
}

/** A line for where each agent's true mean lies, a dot for the mean of the calls that were judged. */
export function Whiskers({ results, grades, nameOf, narrow }: Props) {
  const { q } = useQuality()
  const width = narrow ? 420 : 1100
  const left = narrow ? 96 : 150
  const right = 20
  const height = TOP + results.length * ROW + 10
  const x = (score: number) => left + ((width - left - right) * score) / 100
  const sorted = [...results].sort((a, b) => b.interval.mean - a.interval.mean)
  return (
    <svg className="whiskers" viewBox={`0 0 ${width} ${height}`}>
      <title>{q('chart')}</title>
      {grades.map((g) => (
        <g key={g.name}>
          {g.from > 0 && <line className="grid" x1={x(g.from)} x2={x(g.from)} y1={TOP - 8} y2={height} />}
          <text className="axis" x={x(g.from) + 4} y={12}>
            {g.name} {g.from}
          </text>
        </g>
      ))}
      {sorted.map((r, i) => {
        const y = TOP + i * ROW + ROW / 2
        return (
          <g key={r.agent} className={r.verdict}>
            <title>{`${nameOf(r.agent)} ${r.interval.mean.toFixed(1)} (${r.interval.low.toFixed(1)} – ${r.interval.high.toFixed(1)}), n = ${r.n}`}</title>
            <text x={0} y={y + 5}>
              {nameOf(r.agent).slice(0, narrow ? 9 : 16)}
            </text>
            <line className="reach" x1={x(r.interval.low)} x2={x(r.interval.high)} y1={y} y2={y} />
            <circle cx={x(r.interval.mean)} cy={y} r={7} />
            {r.targeted > 0 && <rect className="apart" x={x(r.targeted_mean) - 4} y={y - 4} width={8} height={8} />}
          </g>
        )
      })}
    </svg>
  )
}
