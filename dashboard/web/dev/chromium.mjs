import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

// Ubuntu's chromium-browser only tells that it is a snap, hence last.
const PLACES = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/snap/bin/chromium', '/usr/bin/chromium-browser']

/** The installed browser, quiet: it talks to nothing but the given pages. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((p) => existsSync(p))
  if (!executablePath) throw new Error(`no browser at ${PLACES.join(', ')}: install the package chromium, or name one in CHROMIUM`)
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...(process.env.CHROMIUM_ARGS?.split(' ') ?? [])],
  })
}
