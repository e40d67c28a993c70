// The wallboard in a real browser against dev/fake-server.mjs.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from '../dev/chromium.mjs'
import { FakeServer } from '../dev/fake-server.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(async () => {
  await browser?.close()
})

/** A page at the wall of a server, with a count of the sounds asked for. */
async function wall(t, server, { lang = 'zh', width = 1920, height = 1080, path = '/wallboard' } = {}) {
  const context = await browser.newContext({ viewport: { width, height } })
  t.after(() => context.close())
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (e) => problems.push(e.message))
  page.on('console', (m) => {
    if (m.type() === 'error' && /Content Security|Refused|React|Uncaught/i.test(m.text())) problems.push(m.text())
  })
  await page.addInitScript(() => {
    window.sounds = []
    window.loads = (window.loads ?? 0) + 1
    window.__threeringsSound = (level) => window.sounds.push(level)
  })
  await page.goto(`http://127.0.0.1:${server.port}${path}?lang=${lang}`)
  return { page, problems, context }
}

async function serve(t, options, port = 0) {
  const server = new FakeServer({ every: 300, ...options })
  server.day.frozen = true
  await server.start(port)
  t.after(() => server.stop().catch(() => undefined))
  return server
}

const until = (page, fn, arg, timeout = 20_000) => page.waitForFunction(fn, arg, { timeout, polling: 50 })
const ring = (since) => ({ since, on_ms: 1000, cycle_ms: 5000, limit: 3 })

function quiet(server) {
  server.day.calls = []
  for (const a of server.day.agents) server.day.set(a, 'ready', Date.now())
}

test('the longest wait ticks between frames and counts by the server clock', async (t) => {
  const server = await serve(t, { queues: 1, agents: 3 })
  quiet(server)
  server.day.calls = [{ queue: 'support', since: Date.now() - 3000, caller: '138****0001' }]
  const { page, problems } = await wall(t, server)
  const wait = page.locator('[data-cell=longest] .figure')
  await until(page, () => /^0:0[3-9]$/.test(document.querySelector('[data-cell=longest] .figure')?.textContent))
  const first = await wait.textContent()
  server.pushing = false // less than three seconds: not stale yet
  await until(page, (old) => document.querySelector('[data-cell=longest] .figure').textContent !== old, first, 2500)
  server.pushing = true
  await until(page, () => document.querySelector('[data-cell=longest]').dataset.level === 'warn')
  await until(page, () => document.querySelector('[data-cell=longest]').dataset.level === 'alarm')
  assert.match(await page.locator('[data-cell=longest] .mark').textContent(), /■告警/)
  const shown = (await wait.textContent()).split(':').map(Number)
  const real = (Date.now() - server.day.calls[0].since) / 1000
  assert.ok(Math.abs(shown[0] * 60 + shown[1] - real) < 1.6, `${shown} is not ${real} s`)
  assert.deepEqual(problems, [])
})

test('a ringing phone changes colour with each ring and is heard once for each', async (t) => {
  const server = await serve(t, { queues: 1, agents: 4 })
  quiet(server)
  const { page, problems } = await wall(t, server)
  await page.locator('[data-agent="1001"]').waitFor()
  const agent = server.day.agents[0]
  server.day.set(agent, 'reserved', Date.now(), { ring: ring(Date.now()), queue: 'support' })
  server.flush()
  const colours = []
  for (const [level, label] of [['calm', '第 1 声'], ['amber', '第 2 声'], ['orange', '第 3 声'], ['over', '超时']]) {
    await until(page, (l) => document.querySelector('[data-agent="1001"]').dataset.level === l, level)
    assert.ok((await page.locator('[data-agent="1001"]').textContent()).includes(label))
    colours.push(await page.locator('[data-agent="1001"] .tile-state').evaluate((e) => getComputedStyle(e).color))
  }
  assert.equal(new Set(colours).size, 4)
  await until(page, () => window.sounds.length >= 3)
  assert.deepEqual(await page.evaluate(() => window.sounds), ['amber', 'orange', 'over'])

  // Muted, remembered, and nothing is heard of the next one.
  await page.keyboard.press('m')
  assert.equal(await page.evaluate(() => localStorage.getItem('threerings.muted')), '1')
  server.day.set(agent, 'reserved', Date.now(), { ring: ring(Date.now() - 4000), queue: 'support' })
  server.flush()
  await until(page, () => document.querySelector('[data-agent="1001"]').dataset.level === 'amber')
  await page.waitForTimeout(600)
  assert.equal(await page.evaluate(() => window.sounds.length), 3)
  assert.equal(await page.locator('[data-tool=sound]').getAttribute('aria-pressed'), 'true')
  assert.deepEqual(problems, [])
})

test('it says within four seconds that it is stale, and recovers from a restart without a reload', async (t) => {
  const server = await serve(t, { queues: 2, agents: 6 })
  const { page } = await wall(t, server)
  await page.locator('[data-queue=support]').waitFor()
  await page.evaluate(() => (window.marker = 'same page'))
  const { port } = server
  await server.stop()
  const stopped = Date.now()
  await page.locator('[data-banner=stale]').waitFor({ timeout: 5000 })
  assert.ok(Date.now() - stopped <= 4000, `stale after ${Date.now() - stopped} ms`)
  assert.match(await page.locator('[data-banner=stale]').textContent(), /数据停在 \d\d:\d\d:\d\d，已 \d+ 秒/)
  assert.notEqual(await page.locator('.board').evaluate((e) => getComputedStyle(e).filter), 'none')

  const again = await serve(t, { queues: 2, agents: 6 }, port)
  again.day.queues[0].offered = 777
  await page.locator('[data-banner=stale]').waitFor({ state: 'detached', timeout: 12_000 })
  await until(page, () => document.querySelector('[data-queue=support] [data-cell=offered] .figure').textContent === '777')
  await page.waitForTimeout(6000) // time enough for the question about a newer build
  assert.equal(await page.evaluate(() => window.marker), 'same page')
})

test('a line that stays open and says nothing is stale too, and is dialled anew', async (t) => {
  const server = await serve(t, { queues: 1, agents: 2 })
  const { page } = await wall(t, server)
  await page.locator('[data-queue=support]').waitFor()
  const before = new Set(server.sockets.clients)
  server.pushing = false
  await page.locator('[data-banner=stale]').waitFor({ timeout: 5000 })
  await assert.doesNotReject(async () => {
    for (let i = 0; i < 100 && [...server.sockets.clients].every((c) => before.has(c)); i++) await page.waitForTimeout(100)
    assert.ok([...server.sockets.clients].some((c) => !before.has(c)), 'no new connection')
  })
  server.pushing = true
  await page.locator('[data-banner=stale]').waitFor({ state: 'detached', timeout: 8000 })
})

test('a node that hears nothing of the leader says since when, ticking, and no figure counts on', async (t) => {
  const server = await serve(t, { queues: 1, agents: 2 })
  const since = Date.now() - 25_000
  server.day.silentSince = since
  server.day.switch = false // the node's view of the switch is as old
  const { page } = await wall(t, server)
  const banner = page.locator('[data-banner=stale]')
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Shanghai' }).format(since)
  await page.locator('[data-banner=stale]', { hasText: `数据停在 ${clock}，已 2` }).waitFor()
  await page.locator('[data-banner=stale]', { hasText: /已 3\d 秒/ }).waitFor()
  assert.match(await banner.textContent(), /收不到主节点的消息/)
  server.day.silentSince = null
  server.day.switch = true
  await banner.waitFor({ state: 'detached' })
})

test('it says that the switch is out of touch', async (t) => {
  const server = await serve(t, { queues: 1, agents: 2 })
  server.day.switch = false
  const { page } = await wall(t, server)
  assert.match(await page.locator('[data-banner=switch]').textContent(), /与电话交换机失去联系/)
  server.day.switch = true
  await page.locator('[data-banner=switch]').waitFor({ state: 'detached' })
})

test('nobody signed in, no queues, no agents: each is said', async (t) => {
  const server = await serve(t, { queues: 0, agents: 0 })
  const { page } = await wall(t, server)
  assert.match(await page.locator('[data-empty=queues]').textContent(), /还没有队列.*centre\.yaml/)
  const other = await serve(t, { queues: 1, agents: 0 })
  const b = await wall(t, other)
  assert.match(await b.page.locator('.agents.none').textContent(), /还没有坐席/)
  other.refuse = true
  const c = await wall(t, other)
  assert.match(await c.page.locator('[data-empty=refused]').textContent(), /请先登录/)
})

test('the language is switched by key and by address, and remembered', async (t) => {
  const server = await serve(t, { queues: 2, agents: 4 })
  const { page, context } = await wall(t, server, { lang: 'zh-CN' })
  await page.locator('h2', { hasText: '技术支持' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
  assert.match(await page.title(), /实时大屏 · 示例客服中心/)
  await page.keyboard.press('l')
  await page.locator('h2', { hasText: 'Technical support' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  assert.match(await page.title(), /Wallboard · Example Centre/)
  assert.match(await page.locator('[data-cell=service] .formula').first().textContent(), /strict · 15 s/)
  const second = await context.newPage()
  await second.goto(`http://127.0.0.1:${server.port}/`)
  await second.locator('h2', { hasText: 'Technical support' }).waitFor()
  assert.equal(new URL(second.url()).pathname, '/wallboard')
})

test('? shows the keys, and the navigation comes with the mouse', async (t) => {
  const server = await serve(t, { queues: 1, agents: 2 })
  const { page } = await wall(t, server)
  await page.locator('[data-queue=support]').waitFor()
  const shown = () => page.locator('nav.floating').evaluate((e) => e.classList.contains('shown'))
  assert.equal(await shown(), false)
  await page.mouse.move(300, 300)
  await page.mouse.move(310, 310)
  assert.equal(await shown(), true)
  await until(page, () => !document.querySelector('nav.floating').classList.contains('shown'))
  await page.keyboard.press('?')
  await page.locator('dialog.help[open]').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog.help').waitFor({ state: 'detached' })
})

test('the wall does not load Ant Design', async (t) => {
  const server = await serve(t, { queues: 1, agents: 2 })
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const loaded = []
  page.on('response', (r) => loaded.push(new URL(r.url()).pathname))
  await page.goto(`http://127.0.0.1:${server.port}/wallboard`)
  await page.locator('[data-queue=support]').waitFor()
  assert.ok(loaded.some((p) => /Wallboard-.*\.js/.test(p)))
  assert.deepEqual(loaded.filter((p) => /table|Desk|Agents-|Calls|Login/.test(p)), [])
})
