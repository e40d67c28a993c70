import { useEffect, useState } from 'react'
import { useLanguage, type Key } from '../i18n'
import { Link } from './router'
import './nav.css'

const PAGES: readonly [href: string, key: Key][] = [
  ['/wallboard', 'nav.wallboard'],
  ['/desk', 'nav.desk'],
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

/** Without an agent of one's own there is no desk to go to. */
export function Nav({ path, floating, desk = true }: { path: string; floating: boolean; desk?: boolean }) {
  const { t } = useLanguage()
  const shown = useShownByPointer(!floating)
  return (
    <nav className={`nav${floating ? ' floating' : ''}${shown ? ' shown' : ''}`} aria-label={t('nav.label')}>
      {PAGES.filter(([href]) => desk || href !== '/desk').map(([href, key]) => (
        <Link key={href} href={href} aria-current={path === href ? 'page' : undefined}>
          {t(key)}
        </Link>
      ))}
    </nav>
  )
}
