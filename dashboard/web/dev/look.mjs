// Looks at a page for a program: one JSON command per line on standard input, one JSON answer per line on
// standard output. Commands: {do:'open', url, width, height} · {do:'size', width, height} · {do:'read'} what the
// wallboard shows · {do:'shot', path} · {do:'mark'} leaves a mark that only a reload removes.
import { createInterface } from 'node:readline'
import { launch } from './chromium.mjs'

const browser = await launch()
const page = await browser.newPage()
const errors = []
page.on('pageerror', (e) => errors.push(String(e)))

/** Runs in the page: every figure as a person reads it. */
function read() {
  const text = (e) => e?.textContent?.trim() ?? null
  const queues = {}
  for (const q of document.querySelectorAll('[data-queue]')) {
    const cells = {}
    for (const c of q.querySelectorAll('[data-cell]')) cells[c.dataset.cell] = text(c.querySelector('.figure'))
    queues[q.dataset.queue] = cells
  }
  const agents = [...document.querySelectorAll('[data-agent]')].map((a) => ({ id: a.dataset.agent, text: text(a) }))
  return {
    queues,
    agents,
    banner: document.querySelector('[data-banner]')?.dataset.banner ?? '',
    empty: document.querySelector('[data-empty]')?.dataset.empty ?? '',
    lang: document.documentElement.lang,
    title: document.title,
    marked: globalThis.lookMark === true,
    overflow: document.documentElement.scrollWidth > innerWidth,
    scroll: document.documentElement.scrollHeight > innerHeight,
  }
}

const commands = {
  async open({ url, width, height }) {
    await page.setViewportSize({ width, height })
    await page.goto(url)
  },
  size: ({ width, height }) => page.setViewportSize({ width, height }),
  read: async () => ({ ...(await page.evaluate(read)), errors }),
  shot: ({ path }) => page.screenshot({ path }).then(() => undefined),
  mark: () => page.evaluate(() => { globalThis.lookMark = true }),
}

for await (const line of createInterface({ input: process.stdin })) {
  const c = JSON.parse(line)
  try {
    console.log(JSON.stringify({ ok: true, ...(await commands[c.do](c)) }))
  } catch (e) {
    console.log(JSON.stringify({ ok: false, error: String(e) }))
  }
}
await browser.close()
