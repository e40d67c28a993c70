import { useEffect, useState } from 'react'
import { useLanguage, type Key } from '../i18n'
import { Link } from './router'
import './nav.css'

const PAGES: readonly [href: string, key: Key][] = [
  ['/wallboard', 'nav.wallboard'],
  ['/agents', 'nav.agents'],
  ['/calls', 'nav.calls'],
]

/** On the wall the navigation comes with the mouse and leaves with it. */
function useShownByPointer(always: boolean): boolean {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (always) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = () => {
      setShown(true)
      clearTimeout(timer)
      timer = setTimeout(() => setShown(false), 3000)
    }
    window.addEventListener('pointermove', show)
    window.addEventListener('pointerdown', show)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('pointermove', show)
      window.removeEventListener('pointerdown', show)
    }
  }, [always])
  return always || shown
}

export function Nav({ path, floating }: { path: string; floating: boolean }) {
  const { t } = useLanguage()
  const shown = useShownByPointer(!floating)
  return (
    <nav className={`nav${floating ? ' floating' : ''}${shown ? ' shown' : ''}`} aria-label={t('nav.label')}>
      {PAGES.map(([href, key]) => (
        <Link key={href} href={href} aria-current={path === href ? 'page' : undefined}>
          {t(key)}
        </Link>
      ))}
    </nav>
  )
}
