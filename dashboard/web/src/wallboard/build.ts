import { useEffect, useRef } from 'react'

/** The entry script an index page names; its hash is the build's. */
export function entryOf(html: string): string | null {
  return /<script[^>]+src="([^"]*\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? null
}

/**
 * After the server restarted, a wall that nobody touches takes up a newer
 * build of this page by itself; with the same build nothing is reloaded.
 */
export function useNewBuild(serverSince: string | undefined): void {
  const known = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (!serverSince) return
    const restarted = known.current !== undefined && known.current !== serverSince
    known.current = serverSince
    if (!restarted) return
    const own = document.querySelector<HTMLScriptElement>('script[src*="/assets/"]')?.getAttribute('src')
    if (!own) return
    const gone = new AbortController()
    // Not all at once: many walls may watch one server.
    const timer = setTimeout(
      () => {
        fetch('/wallboard', { cache: 'no-store', signal: gone.signal })
          .then((r) => (r.ok ? r.text() : ''))
          .then((html) => {
            const entry = entryOf(html)
            if (entry && entry !== own) window.location.reload()
          })
          .catch(() => undefined) // the next restart asks again
      },
      1000 + Math.random() * 4000,
    )
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [serverSince])
}
