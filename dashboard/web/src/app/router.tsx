import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react'

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

/** Shows another page of this app without loading it anew. */
export function navigate(to: string, replace = false): void {
  window.history[replace ? 'replaceState' : 'pushState'](null, '', to)
  for (const l of listeners) l()
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname)
}

/** Where each role begins. */
const HOME: Record<string, string> = { agent: '/desk', qa: '/calls', administrator: '/users' }

/** An address given in ?next= is followed only within this app. */
export function safeNext(search: string, role = ''): string {
  const next = new URLSearchParams(search).get('next') ?? ''
  return /^\/[a-z]+(\/[\w.~-]+){0,2}$/.test(next) ? next : (HOME[role] ?? '/agents')
}

export function Link({ href, onClick, children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const go = (e: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(e)
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
    e.preventDefault()
    navigate(href)
  }
  return (
    <a href={href} onClick={go} {...rest}>
      {children}
    </a>
  )
}
