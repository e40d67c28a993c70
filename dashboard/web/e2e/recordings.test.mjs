// Recordings are found, heard and remarked on, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from '../dev/chromium.mjs'
import { FakeServer } from '../dev/fake-server.mjs'
import { axe } from './axe.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(async () => {
  await browser?.close()
})

async function open(t, path, { lang = 'zh', width = 1366, role = 'supervisor' } = {}) {
  const server = await new FakeServer({ queues: 2, agents: 6, every: 300 }).start()
  server.day.frozen = true
  server.signedIn = { name: 'lead', role, agent: '', must_change: false }
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: lang === 'en' ? 'en-US' : 'zh-CN', reducedMotion: 'reduce' })
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
  await page.goto(`http://127.0.0.1:${server.port}${path}${path.includes('?') ? '&' : '?'}lang=${lang}`)
  return { server, page, problems }
}

const rows = (page) => page.locator('tbody tr[data-row-key]')

test('recordings are found by what is on record, and the address keeps it', async (t) => {
  const { page, problems } = await open(t, '/recordings')
  await rows(page).first().waitFor()
  const all = await rows(page).count()
  await page.getByRole('button', { name: '更多条件' }).click()
  await page.getByRole('combobox', { name: '录音状态' }).click()
  await page.locator('.ant-select-item-option', { hasText: '缺口或无录音' }).click()
  await page.waitForFunction((n) => document.querySelectorAll('tbody tr[data-row-key]').length < n, all)
  assert.match(page.url(), /state=gaps/)
  assert.ok((await rows(page).allTextContents()).every((x) => /有缺口|无录音/.test(x)))
  await page.reload()
  await rows(page).first().waitFor()
  assert.ok((await rows(page).count()) < all)
  await axe(page)
  await page.getByRole('button', { name: '清除条件' }).click()
  await page.waitForFunction((n) => document.querySelectorAll('tbody tr[data-row-key]').length === n, all)
  assert.deepEqual(problems, [])
})

test('nobody hears a recording before saying why; then it plays, by hand and by key', async (t) => {
  const { page, server, problems } = await open(t, '/recordings')
  await rows(page).first().click()
  await page.getByRole('button', { name: '收听' }).waitFor()
  assert.equal(server.heard.length, 0)
  await axe(page)
  const began = await page.evaluate(() => performance.now())
  await page.getByRole('button', { name: '收听' }).click()
  const slider = page.getByRole('slider')
  const at = () => slider.evaluate((e) => Number(e.value))
  await page.waitForFunction(() => Number(document.querySelector('input[type=range]').value) > 0)
  t.diagnostic(`first sound after ${Math.round((await page.evaluate(() => performance.now())) - began)} ms, the reason's form included`)
  await page.waitForFunction(() => Number(document.querySelector('input[type=range]').value) > 800) // time really passes
  assert.match(server.heard[0], /why=%E8%B4%A8%E6%A3%80/)
  await page.getByRole('button', { name: '暂停' }).click()
  const here = await at()
  await page.locator('h1').click()
  await page.keyboard.press('ArrowRight')
  assert.ok((await at()) > here + 3000)
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press(']')
  await page.getByTitle('1.25×').waitFor()
  await page.keyboard.press('s')
  assert.equal(await page.getByRole('switch').getAttribute('aria-checked'), 'true')
  await page.keyboard.press('m')
  await page.getByLabel('评语内容').fill('语速太快')
  await page.keyboard.press('Enter')
  await page.locator('.remark', { hasText: '语速太快' }).waitFor()
  await page.locator('.player-pin').waitFor()
  assert.equal(server.remarks[0].text, '语速太快')
  await page.getByRole('button', { name: '删除' }).click()
  await page.getByRole('button', { name: '撤销' }).click()
  await page.locator('.remark', { hasText: '语速太快' }).waitFor()
  await axe(page, { exclude: ['.ant-notification', '.desk-head'] }) // the notice stands over the head for a while, and shines through
  assert.deepEqual(problems, [])
})

test('in English, on a telephone, and for who may not keep a copy', async (t) => {
  const { page, problems } = await open(t, '/recordings', { lang: 'en', width: 390, role: 'qa' })
  await rows(page).first().click()
  await page.getByRole('button', { name: 'Listen' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Download' }).count(), 0)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
  await axe(page)
  assert.deepEqual(problems, [])
})
