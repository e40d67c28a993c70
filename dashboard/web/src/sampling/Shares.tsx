import { barOf, type Share } from './data'
import { useSampling } from './text'

/** How far everybody is, as bars: done, overdue, still to do; the width is the number of tasks. */
export function Shares({ title, shares, nameOf }: { title: string; shares: Share[]; nameOf: (who: string) => string }) {
  const { s } = useSampling()
  const most = Math.max(1, ...shares.map((x) => Math.max(x.asked, x.chance + x.target)))
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <ul className="shares">
        {shares.map((x) => {
          const bar = barOf(x)
          const said = [
            bar.all === 0 ? s('share.none') : `${s('share.of', { done: bar.done, of: bar.all })} ${s('share.done')}`,
            bar.overdue > 0 && `${bar.overdue} ${s('share.overdue')}`,
            x.dropped > 0 && `${x.dropped} ${s('share.dropped')}`,
            x.asked > x.chance && s('share.asked', { n: x.asked }),
            x.population > 0 && s('share.population', { n: x.population }),
          ].filter(Boolean)
          return (
            <li key={x.who}>
              <span className="who">{nameOf(x.who)}</span>
              <svg viewBox={`0 0 ${most} 1`} preserveAspectRatio="none" aria-hidden="true">
                <rect className="ground" width={most} height={1} />
                <rect className="done" width={bar.done} height={1} />
                <rect className="overdue" x={bar.done} width={bar.overdue} height={1} />
                <rect className="open" x={bar.done + bar.overdue} width={bar.open} height={1} />
              </svg>
              <span className="num said">{said.join(' · ')}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
