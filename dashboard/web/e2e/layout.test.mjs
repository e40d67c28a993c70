// Nothing scrolls sideways, nothing lies over anything else, nothing moves.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from '../dev/chromium.mjs'
import { FakeServer } from '../dev/fake-server.mjs'
import { alarm, dress } from '../dev/scenes.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(async () => {
  await browser?.close()
})

/** What is wrong with the layout of the page, in words. */
function faults(fits) {
  const out = []
  const d = document.documentElement
  if (d.scrollWidth > d.clientWidth) out.push(`scrolls sideways by ${d.scrollWidth - d.clientWidth}`)
  const wall = document.querySelector('.wall')
  if (wall.scrollWidth > wall.clientWidth + 1) out.push('the wall scrolls sideways')
  if (fits && (d.scrollHeight > window.innerHeight || wall.scrollHeight > wall.clientHeight + 1)) out.push(`scrolls down by ${wall.scrollHeight - wall.clientHeight}`)
  const apart = (selector, what) => {
    const boxes = [...document.querySelectorAll(selector)].map((e) => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width > 1 && b.height > 1)
    for (let i = 0; i < boxes.length; i++) {
      for (let j = i + 1; j < boxes.length; j++) {
        const [a, b] = [boxes[i][1], boxes[j][1]]
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) out.push(`${what}: "${boxes[i][0].textContent}" over "${boxes[j][0].textContent}"`)
      }
    }
  }
  apart('.queue, .tile', 'boxes')
  apart('.queue[data-queue=support] .figure, .queue[data-queue=support] .label, .queue[data-queue=support] .mark, .queue[data-queue=support] .backs, .queue[data-queue=support] .of, .queue[data-queue=support] .count, .queue[data-queue=support] h2', 'figures')
  apart('.heads .head', 'headings')
  apart('.top h1, .top .tools, .top .top-clock, .top .top-date', 'header')
  for (const tile of document.querySelectorAll('.tile')) {
    const box = tile.getBoundingClientRect()
    for (const e of tile.querySelectorAll('.tile-line')) {
      const b = e.getBoundingClientRect()
      if (b.bottom > box.bottom + 1 || b.top < box.top - 1) out.push(`text leaves the tile: ${tile.textContent}`)
    }
  }
  // Descenders need more than a font's em: 1.3 of it holds the g of every font in use.
  for (const e of document.querySelectorAll('.top h1, .queues.panels .queue-name, .tile-name, .tile-label, .count-name, .banner span')) {
    const style = getComputedStyle(e)
    const height = e.clientHeight / Math.max(1, Math.round(e.clientHeight / parseFloat(style.lineHeight)))
    if (e.clientHeight > 0 && style.overflowY === 'hidden' && height < 1.24 * parseFloat(style.fontSize)) out.push(`letters lose their feet: ${e.textContent}`)
  }
  for (const e of document.querySelectorAll('.top h1, h2.queue-name, .count-name')) {
    if (e.scrollWidth > e.clientWidth + 1) out.push(`cut: ${e.textContent}`)
  }
  for (const e of document.querySelectorAll('.queues.panels + .agents .tile-detail')) {
    const b = e.getBoundingClientRect()
    const line = parseFloat(getComputedStyle(e).lineHeight)
    if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + line / 2) out.push(`cut: ${e.textContent}`)
    if (e.textContent && b.bottom > e.closest('.tile').getBoundingClientRect().bottom) out.push(`leaves the tile: ${e.textContent}`)
    if (e.textContent && b.top < e.closest('.tile').querySelector('.tile-time').getBoundingClientRect().bottom - 2) out.push(`under the time: ${e.textContent}`)
  }
  for (const e of document.querySelectorAll('.figure')) {
    const range = document.createRange()
    range.selectNodeContents(e)
    const cell = e.closest('.cell').getBoundingClientRect()
    const b = range.getBoundingClientRect()
    if (b.width > 0 && (b.right > cell.right + 2 || b.left < cell.left - 2)) out.push(`figure leaves its cell: ${e.textContent}`)
  }
  return out
}

const SIZES = [[1920, 1080, true], [1366, 768, true], [390, 844, false]]
for (const [queues, agents] of [[1, 6], [1, 40], [2, 12], [2, 40], [3, 40], [4, 30], [6, 40], [8, 40]]) {
  test(`${queues} queues, ${agents} agents: every size and language`, async (t) => {
    const server = await new FakeServer({ queues, agents }).start()
    t.after(() => server.stop())
    dress(server.day)
    for (const [width, height, fits] of SIZES) {
      for (const lang of ['zh-CN', 'en']) {
        const page = await browser.newPage({ viewport: { width, height } })
        await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=${lang}`)
        await page.locator('.tile').nth(agents - 1).waitFor({ state: 'attached' })
        assert.deepEqual(await page.evaluate(faults, fits), [], `${width}×${height} ${lang}`)
        await page.close()
      }
    }
  })
}

test('a browser that blocks sound says so, and nothing has to move for it', async (t) => {
  const server = await new FakeServer({ queues: 2, agents: 8 }).start()
  t.after(() => server.stop())
  for (const [width, height, fits] of SIZES) {
    for (const lang of ['zh-CN', 'en']) {
      const page = await browser.newPage({ viewport: { width, height } })
      await page.addInitScript(() => Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' }))
      await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=${lang}`)
      await page.locator('.sound-hint').waitFor()
      await page.locator('.tile').nth(7).waitFor({ state: 'attached' })
      assert.deepEqual(await page.evaluate(faults, fits), [], `${width}×${height} ${lang}`)
      await page.close()
    }
  }
})

test('primary figures are at least 64 px high at 1080p, with many queues too', async (t) => {
  const server = await new FakeServer({ queues: 8, agents: 40 }).start()
  t.after(() => server.stop())
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  t.after(() => page.close())
  await page.goto(`http://127.0.0.1:${server.port}/wallboard`)
  await page.locator('[data-queue]').first().waitFor()
  const sizes = await page.locator('[data-cell=waiting] .figure, [data-cell=longest] .figure').evaluateAll((all) => all.map((e) => parseFloat(getComputedStyle(e).fontSize)))
  assert.ok(Math.min(...sizes) >= 64, `smallest is ${Math.min(...sizes)} px`)
})

test('nothing moves when figures change and phones ring', async (t) => {
  const server = await new FakeServer({ queues: 3, agents: 14, every: 200 }).start()
  t.after(() => server.stop())
  const { day } = server
  day.frozen = true
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  t.after(() => page.close())
  await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=zh`)
  await page.locator('.tile').last().waitFor()
  const places = () => page.locator('.cell, .tile, .tile-name, .label, .queue-name').evaluateAll((all) => all.map((e) => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 2).map(Math.round).join()))
  day.calls = []
  for (const a of day.agents) day.set(a, 'ready', Date.now())
  server.flush()
  await page.waitForFunction(() => document.querySelectorAll('.tile.s-ready').length === 14)
  const before = await places()
  dress(day)
  day.queues[0].offered = 12_345
  server.flush()
  await page.waitForFunction(() => document.querySelector('.tile.ring-over') && document.querySelector('[data-cell=longest].alarm'))
  assert.deepEqual(await places(), before)
})

for (const [queues, agents] of [[3, 14], [8, 40]]) {
  test(`an emergency and alerts leave a board of ${queues} queues whole, and are gone when they are over`, async () => {
    const server = await new FakeServer({ queues, agents }).start()
    dress(server.day)
    alarm(server.day)
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    try {
      await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=zh`)
      await page.locator('[data-alert]').nth(1).waitFor()
      assert.equal(await page.locator('[data-alert]').count(), 2, 'the bar tells the emergency, the list does not again')
      assert.match(await page.locator('[data-emergency]').textContent(), /2 级应急：大面积停水.*起 至.*通知：值班长、1001/)
      assert.match(await page.locator('[data-alert=absent]').textContent(), /用餐超时/)
      assert.deepEqual(await page.evaluate(faults, true), [])
      const drill = page.locator('.emergency.drill')
      alarm(server.day, true)
      server.flush()
      await drill.waitFor()
      assert.match(await drill.textContent(), /演练/)
      server.day.alerts = server.day.emergency = undefined
      server.flush()
      await page.locator('.floor').waitFor({ state: 'detached' })
    } finally {
      await page.close()
      await server.stop()
    }
  })
}
