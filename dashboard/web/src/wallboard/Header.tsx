import { useTick } from '../app/hooks'
import { useLanguage } from '../i18n'
import type { Live } from '../live'
import { clock, date } from '../time'
import type { Frame } from '../wire'
import { FullIcon, SoundIcon } from './icons'

interface Props {
  frame: Frame | null
  live: Live
  stale: boolean
  sound: { muted: boolean; blocked: boolean; toggle: () => void }
  onFull: () => void
  onHelp: () => void
}

export function Header({ frame, live, stale, sound, onFull, onHelp }: Props) {
  const { t, lang, name, toggle } = useLanguage()
  useTick()
  const now = live.serverNow()
  const zone = frame?.timezone ?? 'Asia/Shanghai'
  const well = frame !== null && !stale && frame.switch
  return (
    <header className="top">
      <div className="top-name">
        <RingsMark />
        <h1>{frame ? name(frame.centre) || t('app.name') : t('app.name')}</h1>
      </div>
      <div className="top-side">
        {sound.blocked && (
          <button type="button" className="sound-hint" onClick={onNothing}>
            <SoundIcon on />
            {t('sound.blocked')}
          </button>
        )}
        <div className="tools">
          <button type="button" className={sound.muted ? 'tool off' : 'tool'} onClick={sound.toggle} aria-pressed={sound.muted} title={`${t(sound.muted ? 'sound.off' : 'sound.on')} (M)`} aria-label={t(sound.muted ? 'sound.off' : 'sound.on')} data-tool="sound">
            <SoundIcon on={!sound.muted} />
          </button>
          <button type="button" className="tool" onClick={toggle} title={`${t('lang.switch')} (L)`} aria-label={t('lang.switch')} data-tool="lang">
            {t('lang.short')}
          </button>
          <button type="button" className="tool wide-only" onClick={onFull} title={`${t('screen.full')} (F)`} aria-label={t('screen.full')}>
            <FullIcon />
          </button>
          <button type="button" className="tool wide-only" onClick={onHelp} title={`${t('help.title')} (?)`} aria-label={t('help.title')}>
            ?
          </button>
        </div>
        {frame && <span className={well ? 'pulse well' : 'pulse ill'}>{well ? t('live.ok') : '■'}</span>}
        {frame && <span className="top-date">{date(now, zone, lang)}</span>}
        <time className="top-clock num">{frame ? clock(now, zone) : ''}</time>
      </div>
    </header>
  )
}

// The click itself is the gesture that the browser waits for; the listener of
// the whole page does the rest.
function onNothing(): void {}

function RingsMark() {
  return (
    <svg className="mark-rings" viewBox="0 0 32 32" aria-hidden="true" fill="none" strokeWidth="2.600">
      <circle cx="16" cy="16" r="13.500" stroke="#ff8a4c" />
      <circle cx="16" cy="16" r="8.700" stroke="#f6b73c" />
      <circle cx="16" cy="16" r="3.900" stroke="#4cc9a6" />
    </svg>
  )
}
