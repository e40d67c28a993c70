// Pictures of the pages at the sizes that matter, into a temporary folder (or
// the folder given): node dev/screenshots.mjs [folder] [name-part]
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from './chromium.mjs'
import { FakeServer } from './fake-server.mjs'

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'threerings-shots-'))
const only = process.argv[3] ?? ''
mkdirSync(folder, { recursive: true })
const SIZES = { tv: [1920, 1080], laptop: [1366, 768], phone: [390, 844] }
const SCENES = { '1x6': [1, 6], '2x10': [2, 10], '3x14': [3, 14], '5x20': [5, 20], '8x40': [8, 40] }
const DESK = ['login', 'agents', 'calls']

/** Puts phones into each ring, and callers into each level. */
export function dress(day) {
  const now = Date.now()
  day.frozen = true
  day.calls = day.calls.slice(0, 3)
  const q = day.queues[0]
  for (const [i, ago] of [[0, 2000], [1, 7000], [2, 12_400], [3, 16_500]].entries()) {
    const a = day.agents[ago[0] + (i > 1 ? 2 : 0)]
    if (a) day.set(a, 'reserved', now - ago[1], { ring: { since: now - ago[1], on_ms: 1000, cycle_ms: 5000, limit: 3 }, queue: q.id, caller: '138****0001' })
  }
  if (day.agents[7]) day.set(day.agents[7], 'not_ready', now - 40_000, { reason: 'rona' })
  if (day.agents[2]) day.set(day.agents[2], 'on_call', now - 95_000, { queue: q.id, caller: '139****2210', pending: { state: 'not_ready', reason: 'meal' } })
  day.calls = [[23_000, 0], [11_500, 0], [4000, 0], [6200, 1], [2500, 4]]
    .filter(([, i]) => i < day.queues.length)
    .map(([ago, i], n) => ({ queue: day.queues[i].id, since: now - ago, caller: `13${n}****20${n}4`, offered: n === 0 }))
}

const browser = await launch()
try {
  for (const [scene, [queues, agents]] of Object.entries(SCENES)) {
    const server = await new FakeServer({ queues, agents }).start()
    dress(server.day)
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      for (const lang of ['zh-CN', 'en']) {
        const name = `${scene}-${size}-${lang}`
        if (!name.includes(only)) continue
        dress(server.day)
        const page = await browser.newPage({ viewport: { width, height } })
        await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=${lang}`)
        await page.locator('[data-queue]').first().waitFor()
        await page.waitForTimeout(700)
        await page.screenshot({ path: join(folder, `${name}.png`), fullPage: size === 'phone' })
        await page.close()
      }
    }
    if (scene === '3x14') await deskShots(server)
    await server.stop()
  }
} finally {
  await browser.close()
}
console.log(folder)

async function deskShots(server) {
  for (const path of DESK) {
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      for (const lang of ['zh-CN', 'en']) {
        const name = `${path}-${size}-${lang}`
        if (!name.includes(only)) continue
        server.signedIn = path === 'login' ? null : { name: '班长', role: 'supervisor', agent: '' }
        const page = await browser.newPage({ viewport: { width, height } })
        await page.goto(`http://127.0.0.1:${server.port}/${path}?lang=${lang}`)
        await page.locator(path === 'login' ? 'form' : 'tbody tr[data-row-key]').first().waitFor()
        await page.waitForTimeout(500)
        await page.screenshot({ path: join(folder, `${name}.png`) })
        if (path === 'calls') {
          await page.locator('tbody tr[data-row-key]').nth(2).click()
          await page.waitForTimeout(900)
          await page.screenshot({ path: join(folder, `${name}-drawer.png`) })
        }
        await page.close()
      }
    }
  }
}
