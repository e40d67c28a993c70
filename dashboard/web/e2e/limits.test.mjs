// Limits and bans, for supervisors, in a real browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from './visit.mjs'

const LEAD = { name: '班长', role: 'supervisor', agent: '' }
const ban = (number, more) => ({ number, since: new Date().toISOString(), until: new Date(Date.now() + 540_000).toISOString(), refused: 0, turned: 3, by: '班长', note: '', ...more })

function open(t, { who = LEAD, bans = [], turned = [], ...how } = {}) {
  return visit(t, '/limits', { agents: 6, ...how, prepare: (server) => Object.assign(server, { signedIn: who, bans, turned }) })
}

test('a number is banned with the keyboard, what is wrong is said, and it can be taken back', async (t) => {
  const { page, server, problems } = await open(t)
  await page.getByText('没有禁止呼入的号码').waitFor()
  await page.getByText('一个号码在 1 分钟内因超出自身上限被谢绝 30 次，会自动禁止 10 分钟。').waitFor()
  await page.keyboard.press('b')
  await page.locator('#number:focus').waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('请填写号码').waitFor()
  await page.keyboard.type('anonymous')
  await page.keyboard.press('Enter')
  await page.getByText('号码不对').waitFor()
  await page.locator('#number').fill('138 0000-0001')
  await page.locator('#note').fill('反复骚扰')
  await page.keyboard.press('Enter')
  const row = page.locator('[data-ban="13800000001"]')
  await row.waitFor()
  assert.match(await row.textContent(), /59:5\d|1:00:00/)
  assert.match(await row.textContent(), /反复骚扰.*班长/)
  assert.deepEqual(server.asked.at(-1), { path: '/bans', number: '13800000001', for_ms: 3_600_000, note: '反复骚扰' })
  await page.locator('.ant-message').getByRole('button', { name: '撤销' }).click()
  await row.waitFor({ state: 'detached' })
  assert.deepEqual(problems, [])
})

test('a ban is lifted, and put back for the time that was left', async (t) => {
  const { page, server, problems } = await open(t, { bans: [ban('13900000002', { refused: 30, by: '' }), ban('13700000003', { until: null, note: '恶意' })] })
  const row = page.locator('[data-ban="13900000002"]')
  assert.match(await row.textContent(), /8:5\d.*呼叫过多，自动禁止.*此前谢绝 30 次.*3/)
  await row.focus()
  await page.keyboard.press('Delete')
  await row.waitFor({ state: 'detached' })
  await page.locator('.ant-message').getByRole('button', { name: '撤销' }).click()
  await row.waitFor()
  const asked = server.asked.at(-1)
  assert.ok(asked.for_ms > 500_000 && asked.for_ms < 540_000, `put back for ${asked.for_ms} ms`)
  server.bans = []
  await page.locator('[data-lift="13700000003"]').click().catch(() => undefined) // somebody else was faster
  await page.locator('[data-ban]').first().waitFor({ state: 'detached' })
  assert.deepEqual(problems, [])
})

test('who was turned away is shown with the reason and can be banned; a trunk that is full says so', async (t) => {
  const { page, problems } = await open(t, { turned: [{ at: new Date().toISOString(), number: '4000', caller: '13600000004', reason: 'trunk_full' }, { at: new Date().toISOString(), number: '4000', caller: 'anonymous', reason: 'too_many_calls' }] })
  await page.getByText('中继线已满').waitFor()
  assert.match(await page.locator('[data-limit="trunk:cmcc"]').textContent(), /60 \/ 60已到上限/)
  assert.equal(await page.getByRole('row').getByRole('button', { name: '禁止' }).count(), 1)
  await page.getByRole('row').getByRole('button', { name: '禁止' }).click()
  assert.equal(await page.locator('#number').inputValue(), '13600000004')
  assert.deepEqual(problems, [])
})

test('agents are not led there, and a page that hears nothing says since when', async (t) => {
  const { page, server, framed } = await open(t)
  await page.locator('.nav a[href="/limits"][aria-current]').waitFor()
  await framed
  server.pushing = false
  await page.locator('.desk-notice', { hasText: /数据停在 \d\d:\d\d:\d\d，已 \d+ 秒/ }).waitFor()
  const other = await open(t, { who: { name: '王芳', role: 'agent', agent: '1001' } })
  await other.page.locator('.nav a[href="/calls"]').waitFor()
  assert.equal(await other.page.locator('.nav a[href="/limits"]').count(), 0)
})

for (const [width, height] of [[1920, 1080], [1280, 800], [390, 844]]) {
  test(`nothing scrolls sideways nor is cut at ${width}×${height}`, async (t) => {
    for (const lang of ['zh', 'en']) {
      const { page } = await open(t, { who: { ...LEAD, agent: '1001' }, width, height, lang, bans: [ban('13900000002', { refused: 30, by: '' }), ban('+8613700000003', { until: null, note: '恶意占线，已报告运营商' })], turned: [{ at: new Date().toISOString(), number: '4000', caller: '13600000004', reason: 'trunk_full' }] })
      await page.locator('[data-ban]').first().waitFor()
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/limits-${lang}-${width}.png`, fullPage: true })
      const faults = await page.evaluate(() => {
        const out = []
        const d = document.documentElement
        if (d.scrollWidth > d.clientWidth) out.push(`scrolls sideways by ${d.scrollWidth - d.clientWidth}`)
        for (const e of document.querySelectorAll('.uses li, .limits .ant-btn, .limits td, .desk-top')) if (e.scrollWidth > e.clientWidth + 1) out.push(`cut: ${e.textContent}`)
        return out
      })
      assert.deepEqual(faults, [], lang)
    }
  })
}
