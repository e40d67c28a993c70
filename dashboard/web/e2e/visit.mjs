// A page of the fake server in a real browser, for a test.
import { after, before } from 'node:test'
import { launch } from '../dev/chromium.mjs'
import { FakeServer } from '../dev/fake-server.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(async () => {
  await browser?.close()
})

/** Opens a page; prepare gets the server before. What the browser complains of is in problems. */
export async function visit(t, path, { lang = 'zh', width = 1366, height = 768, queues = 2, agents = 4, prepare = () => undefined } = {}) {
  const server = await new FakeServer({ queues, agents, every: 300 }).start()
  prepare(server)
  // Nothing slides: a click that begins on a menu while it opens may end beside it.
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' })
  t.after(async () => {
    await context.close()
    await server.stop()
  })
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (e) => problems.push(e.message))
  page.on('console', (m) => {
    if (/Content Security|deprecated|Warning:/i.test(m.text())) problems.push(m.text())
  })
  const framed = page.waitForEvent('websocket').then((ws) => ws.waitForEvent('framereceived'))
  framed.catch(() => undefined) // few ask
  await page.goto(`http://127.0.0.1:${server.port}${path}?lang=${lang}`)
  return { server, page, problems, framed }
}
