import type { CSSProperties } from 'react'
import { useLanguage } from '../i18n'
import { clock, duration } from '../time'
import { instant } from '../wire'
import type { PartRow } from './api'
import { spread, type Span } from './parts'

const COLOURS = ['var(--calm)', 'var(--blue)', 'var(--violet)', 'var(--amber)', 'var(--orange)']
const colour = (i: number) => ({ '--c': COLOURS[i % COLOURS.length] }) as CSSProperties
const place = (s: Span) => ({ left: `${s.left * 100}%`, width: `${s.width * 100}%` })

/** Who talked from when to when: a bar over the call's time, and its legend. */
export function CallParts({ parts, agent, zone }: { parts: PartRow[]; agent: (id: string) => string; zone: string }) {
  const { t, lang, word } = useLanguage()
  if (parts.length === 0) return null
  const spans = spread(parts.map((p) => ({ from: instant(p.from) ?? 0, to: instant(p.to) ?? instant(p.from) ?? 0 })))
  const rows = 1 + Math.max(...spans.map((s) => s.row))
  const sep = lang === 'en' ? ', ' : '，'
  return (
    <>
      <h3>{t('calls.parts')}</h3>
      <div className="parts-bar" aria-hidden="true" style={{ height: rows * 18 - 4 }}>
        {parts.map((p, i) => (
          <i key={p.n} style={{ ...colour(i), ...place(spans[i]!), top: spans[i]!.row * 18 }} />
        ))}
      </div>
      <ol className="parts">
        {parts.map((p, i) => (
          <li key={p.n} style={colour(i)} data-part={p.n}>
            <b>{agent(p.agent)}</b>
            <span className="dim">{word('kind', p.kind || 'queue')}</span>
            <span className="num">
              {clock(instant(p.from) ?? 0, zone)} – {clock(instant(p.to) ?? 0, zone)}
            </span>
            <small className="num">
              {[t('calls.part.talk', { time: duration(p.talk_ms) }), p.hold_ms > 0 && t('calls.part.hold', { time: duration(p.hold_ms) }), word('end', p.end)].filter(Boolean).join(sep)}
            </small>
          </li>
        ))}
      </ol>
    </>
  )
}
