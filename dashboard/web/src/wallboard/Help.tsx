import { useEffect, useRef } from 'react'
import { useLanguage } from '../i18n'
import { AGENT_STATES } from '../wire'
import { StateIcon } from './icons'

export function Help({ onClose }: { onClose: () => void }) {
  const { t, word } = useLanguage()
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    box.current?.showModal()
  }, [])
  return (
    <dialog className="help" ref={box} onClose={onClose} aria-label={t('help.title')}>
      <h2>{t('help.title')}</h2>
      <div className="help-cols">
        <dl className="help-keys">
          {(
            [
              ['M', 'help.mute'],
              ['L', 'help.lang'],
              ['F', 'help.full'],
              ['?', 'help.help'],
            ] as const
          ).map(([key, text]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(text)}</dd>
            </div>
          ))}
        </dl>
        <ul className="help-rings">
          {(['calm', 'amber', 'orange', 'over'] as const).map((level, i) => (
            <li key={level} className={`ring-${level}`}>
              <i aria-hidden="true">{i < 3 ? i + 1 : '!'}</i>
              {t((['help.ring1', 'help.ring2', 'help.ring3', 'help.ring4'] as const)[i]!)}
            </li>
          ))}
        </ul>
        <ul className="help-states">
          {AGENT_STATES.map((s) => (
            <li key={s} className={`s-${s}`}>
              <StateIcon state={s} />
              {word('state', s)}
            </li>
          ))}
          <li className="warn-text">
            <i aria-hidden="true">▲</i>
            {t('help.warn')}
          </li>
          <li className="alarm-text">
            <i aria-hidden="true">■</i>
            {t('help.alarm')}
          </li>
        </ul>
      </div>
      <p className="help-note">{t('help.kiosk')}</p>
      <button type="button" className="help-close" onClick={onClose}>
        {t('help.close')}
      </button>
    </dialog>
  )
}
