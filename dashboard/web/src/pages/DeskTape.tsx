import { Button } from 'antd'
import { useTickNow } from '../app/hooks'
import { useLanguage } from '../i18n'
import { duration } from '../time'
import { tapeText } from '../tape'
import type { Tape } from '../wire'
import { For } from './agentState'
import { shownAt, TAPE, type Deed } from './deskData'

/** How long it is until then, at least nothing. */
function Left({ until }: { until: number }) {
  return <span className="num">{duration(Math.max(until - useTickNow(), 0))}</span>
}

/** Whether what is said is recorded, and the one button for it. It never hides that it did not work. */
export function DeskTape({ tape, can, busy, begin }: { tape: Tape | null; can: ReadonlySet<Deed>; busy: boolean; begin: (d: Deed) => void }) {
  const { t, lang } = useLanguage()
  const d = shownAt(TAPE, can)
  const look = tape === null ? '' : tape.failed ? ' failed' : ` ${tape.state}`
  return (
    <div className={`my-tape${look}`} data-tape={tape?.state ?? ''} data-failed={tape?.failed || undefined}>
      <p role={tape?.failed ? 'alert' : undefined}>
        {tape && (
          <>
            <i aria-hidden="true" />
            {tape.failed ? (
              <span>{tapeText(lang, tape.state === 'muted' ? 'failed' : 'stuck')}</span>
            ) : (
              <b>
                {tapeText(lang, tape.state)} {tape.state === 'muted' && <For since={tape.since} />}
              </b>
            )}
            {tape.state === 'muted' && tape.until !== null && !tape.failed && (
              <small>
                <Left until={tape.until} /> {tapeText(lang, 'left')}
              </small>
            )}
          </>
        )}
      </p>
      <Button danger={tape?.state === 'muted'} type={tape?.state === 'muted' ? 'primary' : 'default'} disabled={busy || !can.has(d)} aria-keyshortcuts={TAPE.key} data-deed={d} title={tapeText(lang, 'hint')} onClick={() => begin(d)}>
        {t(`deed.${d}`)} <kbd>{TAPE.key.toUpperCase()}</kbd>
      </Button>
    </div>
  )
}
