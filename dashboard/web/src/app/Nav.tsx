import { useEffect, useState } from 'react'
import { useLanguage, type Key } from '../i18n'
import { Link } from './router'
import './nav.css'

/** Who is told of which page; all are told of one without roles. */
const PAGES: readonly [href: string, key: Key, roles?: readonly string[]][] = [
  ['/wallboard', 'nav.wallboard'],
  ['/desk', 'nav.desk', ['agent', 'supervisor']],
  ['/agents', 'nav.agents', ['agent', 'supervisor']],
  ['/calls', 'nav.calls', ['agent', 'supervisor', 'qa']],
  ['/recordings', 'nav.recordings', ['supervisor', 'qa']],
  ['/recordings/gaps', 'nav.gaps', ['supervisor', 'qa']],
  ['/qa/evaluations', 'nav.quality', ['agent', 'supervisor', 'qa']],
  ['/limits', 'nav.limits', ['supervisor', 'administrator']],
  ['/users', 'nav.users', ['administrator']],
  ['/tokens', 'nav.tokens', ['administrator']],
  ['/custody', 'nav.custody', ['administrator']],
  ['/audit', 'nav.audit', ['administrator']],
]

interface Who {
  role: string
  agent: string
  must_change: boolean
  must_enrol?: boolean
}

/** Without an agent of one's own there is no desk to go to; to nobody the pages of the floor are shown, which ask for a login. */
function pagesOf(who: Who | null) {
  if (who?.must_change || who?.must_enrol) return PAGES.filter(([, , roles]) => !roles)
  return PAGES.filter(([, , roles]) => !roles || (who ? roles.includes(who.role) : roles.includes('supervisor'))).filter(
    ([href]) => href !== '/desk' || !who || who.agent !== '',
  )
}

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

export function Nav({ path, floating, session = null }: { path: string; floating: boolean; session?: Who | null }) {
  const { t } = useLanguage()
  const shown = useShownByPointer(!floating)
  return (
    <nav className={`nav${floating ? ' floating' : ''}${shown ? ' shown' : ''}`} aria-label={t('nav.label')}>
      {pagesOf(session).map(([href, key]) => (
        <Link key={href} href={href} aria-current={path === href ? 'page' : undefined}>
          {t(key)}
        </Link>
      ))}
    </nav>
  )
}
