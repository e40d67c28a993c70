import type { Form } from './data'
import { useQuality } from './text'

interface Alpha {
  units: number // judged by at least two
  known: boolean
  alpha: number
  low: number
  high: number
}

export interface Agreed {
  sessions: number
  total: Alpha
  items: { form: string; item: string; agreed: Alpha }[]
  scorers: { scorer: string; agreed: Alpha; deviation: number; apart: number; over: { calibration: string; at: string; by: number }[] }[]
}

const WIDTH = 300
const at = (v: number) => ((Math.max(-1, Math.min(1, v)) + 1) / 2) * WIDTH

/** Alpha with its interval on a line from -1 to 1; 0.667 and 0.8 are marked. */
function Line({ a }: { a: Alpha }) {
  const { q } = useQuality()
  if (!a.known || a.units < 2) return <span className="dim">{q('cal.unknown')}</span>
  return (
    <span className="alpha">
      <svg viewBox={`0 0 ${WIDTH} 20`} aria-hidden="true">
        <line className="grid" x1={at(0.667)} x2={at(0.667)} y1={0} y2={20} />
        <line className="grid" x1={at(0.8)} x2={at(0.8)} y1={0} y2={20} />
        <line className="reach" x1={at(a.low)} x2={at(a.high)} y1={10} y2={10} />
        <circle cx={at(a.alpha)} cy={10} r={5} />
      </svg>
      <b className="num">{a.alpha.toFixed(2)}</b>
      <small className="num dim">
        {a.low.toFixed(2)} – {a.high.toFixed(2)}
      </small>
    </span>
  )
}

/** A scorer's deviations from the reference, oldest first: above the line is milder. */
function Over({ over }: { over: { calibration: string; at: string; by: number }[] }) {
  const most = Math.max(5, ...over.map((o) => Math.abs(o.by)))
  return (
    <svg className="over" viewBox="0 0 120 40" aria-hidden="true">
      <line className="grid" x1={0} x2={120} y1={20} y2={20} />
      {over.slice(-12).map((o, i) => (
        <rect key={o.calibration} x={i * 10 + 2} width={6} y={o.by > 0 ? 20 - (o.by / most) * 18 : 20} height={Math.max(1, (Math.abs(o.by) / most) * 18)} className={o.by > 0 ? 'mild' : 'strict'} />
      ))}
    </svg>
  )
}

/** How far scorers agree: of the scores, per item, and each against the reference over time. */
export function Agreement({ value, forms }: { value: Agreed; forms: Form[] }) {
  const { q, both } = useQuality()
  const item = (form: string, id: string) => {
    const found = forms.find((f) => f.id === form)?.sections.flatMap((s) => s.items).find((x) => x.id === id)
    return found ? both(found.name) : id
  }
  const bias = (by: number) => (Math.abs(by) < 0.05 ? q('cal.same') : q(by > 0 ? 'cal.mild' : 'cal.strict', { n: Math.abs(by).toFixed(1) }))
  return (
    <div className="cols qa-below">
      <section className="panel" aria-label={q('cal.alpha')}>
        <h2>{q('cal.alpha')}</h2>
        <p className="dim">{q('cal.what')}</p>
        <dl className="alphas">
          <dt>
            <b>{q('cal.total')}</b>
          </dt>
          <dd>
            <Line a={value.total} />
          </dd>
          {value.items.map((x) => (
            <div key={`${x.form} ${x.item}`} className="contents">
              <dt>{item(x.form, x.item)}</dt>
              <dd>
                <Line a={x.agreed} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="panel" aria-label={q('cal.who')}>
        <h2>{q('cal.who')}</h2>
        <dl className="alphas">
          {value.scorers.map((x) => (
            <div key={x.scorer} className="contents">
              <dt>
                {x.scorer}
                <br />
                <small className="dim">{bias(x.deviation)}</small>
              </dt>
              <dd>
                <Line a={x.agreed} />
                <Over over={x.over} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  )
}
