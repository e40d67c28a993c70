import { useState } from 'react'
import { useKeys } from '../app/hooks'
import { answersOf, fails, type Answers, type Form, type Item } from './data'
import { useQuality } from './text'

/** An answer as it stands on its button. */
export function useAnswerName() {
  const { q, both } = useQuality()
  return (it: Item, answer: string) => {
    if (answer === 'na') return q('na')
    if (it.kind === 'yes_no') return q(answer === 'yes' ? 'yes' : 'no')
    return it.kind === 'choice' ? both(it.choices?.find((c) => c.id === answer)?.name) : answer
  }
}

interface Props {
  form: Form
  answers: Answers
  /** Missing: to be read only. */
  onAnswer?: (item: string, answer: string) => void
  /** Another scorer's answers, marked beside. */
  other?: Answers
}

/** The form with its answers. The keyboard answers the item that is marked. */
export function AnswerSheet({ form, answers, onAnswer, other }: Props) {
  const { q, both } = useQuality()
  const named = useAnswerName()
  const items = form.sections.flatMap((s) => s.items)
  const [at, setAt] = useState(0)
  const here = items[Math.min(at, items.length - 1)]
  const go = (n: number) => {
    const next = Math.max(0, Math.min(items.length - 1, n))
    setAt(next)
    document.getElementById(`item-${items[next]?.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  const give = (it: Item, answer: string) => {
    onAnswer?.(it.id, answer)
    setAt(items.indexOf(it))
  }
  const press = (answer: string | undefined) => {
    if (!here || answer === undefined || !onAnswer || !answersOf(here).includes(answer)) return
    give(here, answer)
    go(items.indexOf(here) + 1)
  }
  const digits = Object.fromEntries(
    Array.from({ length: 10 }, (_, d) => [String(d), () => press(here?.kind === 'scale' ? String(d) : here?.kind === 'choice' ? answersOf(here)[d - 1] : d === 1 ? 'yes' : 'no')]),
  )
  useKeys(onAnswer ? { ...digits, y: () => press('yes'), n: () => press('no'), x: () => press('na'), arrowdown: () => go(at + 1), arrowup: () => go(at - 1) } : {})

  return (
    <div className="sheet">
      {form.sections.map((s) => (
        <section key={s.id} aria-label={both(s.name)}>
          <h3>
            {both(s.name)} <small className="dim">{q('weight', { n: s.weight })}</small>
          </h3>
          {s.items.map((it) => (
            <fieldset key={it.id} id={`item-${it.id}`} className={`item${onAnswer && it === here ? ' here' : ''}${fails(it, answers[it.id]) ? ' lost' : ''}`} aria-label={both(it.name)}>
              <span className="two">
                <span>
                  {both(it.name)}
                  {it.rule && <small className="dim num"> {it.rule}</small>}
                </span>
                <small className="dim">
                  {it.fatal && <b className="fatal">{q(`fatal.${it.fatal}`)} </b>}
                  {both(it.help)}
                </small>
              </span>
              <span className="answers">
                {answersOf(it).map((a) => (
                  <button key={a} type="button" disabled={!onAnswer} aria-pressed={answers[it.id] === a} data-other={other?.[it.id] === a || undefined} onClick={() => give(it, a)}>
                    {named(it, a)}
                  </button>
                ))}
              </span>
            </fieldset>
          ))}
        </section>
      ))}
    </div>
  )
}
