import { Component, lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { Nav } from './app/Nav'
import { navigate, usePath } from './app/router'
import { LanguageProvider, useLanguage } from './i18n'

// The wall loads its own few kilobytes; Ant Design comes with the desk pages.
const Wallboard = lazy(() => import('./wallboard/Wallboard'))
const Desk = lazy(() => import('./pages/Desk'))

/** A screen's address carries its token behind the #, which no server is sent; it is good for a session, and forgotten. */
function useScreenToken(): boolean {
  const [busy, setBusy] = useState(() => window.location.hash.startsWith('#token='))
  useEffect(() => {
    if (!busy) return
    const token = decodeURIComponent(window.location.hash.slice('#token='.length))
    window.history.replaceState(null, '', window.location.pathname + window.location.search)
    void fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) })
      .catch(() => undefined) // the wall then asks for a login
      .finally(() => setBusy(false))
  }, [busy])
  return busy
}

function Page() {
  const path = usePath().replace(/\/+$/, '') || '/'
  const busy = useScreenToken()
  useEffect(() => {
    if (path === '/') navigate(`/wallboard${window.location.search}`, true)
  }, [path])
  if (busy) return null
  if (path === '/' || path === '/wallboard') {
    return (
      <>
        <Nav path="/wallboard" floating />
        <Wallboard />
      </>
    )
  }
  return <Desk path={path} />
}

/** A wall has nobody to press reload. */
class Guard extends Component<{ children: ReactNode; fallback: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch() {
    setTimeout(() => window.location.reload(), 8000)
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}

function Failed() {
  const { t } = useLanguage()
  return (
    <div role="alert" style={{ padding: '20vh 8vw', fontSize: 24, lineHeight: 1.6 }}>
      <b>{t('page.error')}</b>
      <p style={{ color: 'var(--dim)' }}>{t('page.error.hint')}</p>
    </div>
  )
}

export function App() {
  return (
    <LanguageProvider>
      <Guard fallback={<Failed />}>
        <Suspense fallback={null}>
          <Page />
        </Suspense>
      </Guard>
    </LanguageProvider>
  )
}
