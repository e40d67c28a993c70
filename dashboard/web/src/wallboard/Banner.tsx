import { useTick } from '../app/hooks'
import { Link } from '../app/router'
import { silenceHint, silenceText, useLanguage } from '../i18n'
import type { Live } from '../live'
import type { Phase } from '../socket'
import type { Frame } from '../wire'

/** Says aloud that what is shown may no longer be so. It lies over the board, so nothing jumps. */
export function Banner({ live, frame, phase }: { live: Live; frame: Frame | null; phase: Phase }) {
  const { t } = useLanguage()
  useTick()
  if (!frame) return null
  const silence = live.silence()
  if (silence) {
    return (
      <div className="banner" role="alert" data-banner="stale">
        <i aria-hidden="true">■</i>
        <b className="num">{silenceText(t, silence, frame.timezone)}</b>
        {phase === 'refused' ? (
          <Link href="/login?next=/wallboard">{t('live.refused')}</Link>
        ) : (
          <span>{silenceHint(t, silence)}</span>
        )}
      </div>
    )
  }
  if (!frame.switch) {
    return (
      <div className="banner" role="alert" data-banner="switch">
        <i aria-hidden="true">■</i>
        <b>{t('live.switch')}</b>
        <span>{t('live.switch.hint')}</span>
      </div>
    )
  }
  return null
}

/** Instead of a board: nothing yet, not allowed, or nothing configured. */
export function Empty({ frame, phase }: { frame: Frame | null; phase: Phase }) {
  const { t } = useLanguage()
  if (frame) {
    return (
      <main className="empty" data-empty="queues">
        <p className="empty-title">{t('queues.none')}</p>
        <p className="empty-hint">{t('queues.none.hint')}</p>
      </main>
    )
  }
  if (phase === 'refused') {
    return (
      <main className="empty" data-empty="refused">
        <p className="empty-title">{t('live.refused')}</p>
        <p className="empty-hint">{t('live.refused.hint')}</p>
        <Link className="empty-go" href="/login?next=/wallboard">
          {t('login.submit')}
        </Link>
      </main>
    )
  }
  const failing = phase === 'waiting'
  return (
    <main className="empty" data-empty="loading">
      <div className="rings-wait" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <p className="empty-title">{t(failing ? 'live.unreachable' : 'live.loading')}</p>
      <p className="empty-hint">{t(failing ? 'live.unreachable.hint' : 'live.loading.hint')}</p>
    </main>
  )
}
