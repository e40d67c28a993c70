import { chromium } from 'playwright-core'

/** The installed browser, quiet: it talks to nothing but the given pages. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...(process.env.CHROMIUM_ARGS?.split(' ') ?? [])],
  })
}
