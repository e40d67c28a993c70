// Signing in, the supervisor's page and the calls, in a real browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from './visit.mjs'

function open(t, path, { who = null, ...how } = {}) {
  return visit(t, path, {
    queues: 3,
    agents: 8,
    ...how,
    prepare: (server) => {
      server.day.frozen = true
      for (const a of server.day.agents) server.day.set(a, 'ready', Date.now())
      server.signedIn = who
    },
  })
}

const LEAD = { name: '班长', role: 'supervisor', agent: '' }

test('a page that needs a login asks for it, says what is wrong, and comes back', async (t) => {
  const { page, problems } = await open(t, '/agents')
  await page.locator('#name').waitFor()
  assert.equal(new URL(page.url()).pathname, '/login')
  await page.locator('button[type=submit]').click()
  await page.getByText('请填写用户名').waitFor()
  await page.locator('#name').fill('lead')
  await page.locator('#password').fill('wrong')
  await page.keyboard.press('Enter')
  assert.match(await page.locator('.login-problem').textContent(), /用户名或密码不对.*再试/)
  await page.locator('#password').fill('lead')
  await page.keyboard.press('Enter')
  await page.locator('[data-set="1001"]').waitFor()
  assert.equal(new URL(page.url()).pathname, '/agents')
  await page.getByRole('button', { name: /^已登录/ }).click()
  await page.getByRole('menuitem', { name: '退出', exact: true }).click()
  await page.locator('#name').waitFor()
  assert.deepEqual(problems, [])
})

test('a supervisor sets a state and takes it back', async (t) => {
  const { page, server, problems } = await open(t, '/agents', { who: LEAD })
  const agent = server.day.agents[1]
  await page.locator('[data-set="1002"]').getByRole('button', { name: '示忙' }).click()
  await page.getByRole('menuitem', { name: '用餐' }).click()
  await page.locator('tr[data-row-key="1002"]', { hasText: '用餐' }).waitFor()
  assert.deepEqual([agent.state, agent.reason], ['not_ready', 'meal'])
  await page.getByRole('button', { name: '撤销' }).click()
  await page.locator('tr[data-row-key="1002"] .s-ready').waitFor()
  assert.equal(agent.state, 'ready')
  assert.deepEqual(problems, [])
})

test('agents are found and sorted; an agent sets only their own state', async (t) => {
  const { page } = await open(t, '/agents', { who: { name: '王芳', role: 'agent', agent: '1001' } })
  await page.locator('[data-set="1001"]').waitFor()
  const enabled = await page.locator('[data-set]').evaluateAll((all) => all.filter((e) => e.querySelector('button:not([disabled])')).map((e) => e.dataset.set))
  assert.deepEqual(enabled, ['1001'])
  await page.getByRole('searchbox').fill('li w')
  await page.locator('tr[data-row-key="1001"]').waitFor({ state: 'detached' })
  assert.equal(await page.locator('tbody tr[data-row-key]').count(), 1)
})

test('the calls: filters, more of them, and a call in full with its recording', async (t) => {
  const { page, problems } = await open(t, '/calls', { who: LEAD })
  const rows = page.locator('tbody tr[data-row-key]')
  await rows.first().waitFor()
  assert.equal(await rows.count(), 50)
  await page.getByRole('button', { name: '更早的' }).click()
  await page.waitForFunction(() => document.querySelectorAll('tbody tr[data-row-key]').length === 100)
  const answered = page.locator('tbody tr[data-row-key]', { hasText: '已接听' }).first()
  await answered.click()
  await page.locator('.timeline li', { hasText: '坐席话机振铃' }).waitFor()
  await page.getByRole('button', { name: '收听' }).waitFor() // for a reason
  await page.keyboard.press('Escape')
  await page.locator('.ant-select').nth(1).click()
  await page.locator('.ant-select-item-option', { hasText: '已放弃' }).click()
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll('tbody tr[data-row-key]')]
    return all.length > 0 && all.every((r) => r.textContent.includes('已放弃'))
  })
  assert.deepEqual(problems, [])
})

test('a call in progress says what it does, and its times count', async (t) => {
  const { page, problems } = await open(t, '/calls', { who: LEAD })
  const waiting = page.locator('tbody tr[data-row-key]', { hasText: '排队中' })
  const talking = page.locator('tbody tr[data-row-key]', { hasText: '通话中' })
  assert.doesNotMatch(await waiting.textContent(), /0\.0/)
  for (const row of [waiting, talking]) {
    const then = await row.textContent()
    await page.waitForFunction(([key, old]) => document.querySelector(`tr[data-row-key="${key}"]`).textContent !== old, [await row.getAttribute('data-row-key'), then])
  }
  await talking.click()
  await page.getByText('通话结束后可在此收听').waitFor()
  assert.deepEqual(problems, [])
})

test('calls already shown are kept up to date where they stand, newer ones are announced', async (t) => {
  const { page, server } = await open(t, '/calls', { who: LEAD })
  const rows = page.locator('tbody tr[data-row-key]')
  await rows.first().waitFor()
  const [first, second] = server.rows
  server.rows.unshift({ ...second, id: 'c-new', caller: '13900000001' })
  Object.assign(first, { state: 'ended', outcome: 'abandoned', wait_ms: 12_300 })
  await page.locator(`tr[data-row-key="${first.id}"]`, { hasText: '12.3 秒' }).waitFor()
  assert.equal(await rows.first().getAttribute('data-row-key'), first.id)
  await page.getByRole('button', { name: '1 通新来电' }).click()
  await page.locator('tr[data-row-key="c-new"]').waitFor()
  assert.equal(await rows.first().getAttribute('data-row-key'), 'c-new')
})

test('a session that ended leads to the login', async (t) => {
  const { page, server } = await open(t, '/agents', { who: LEAD })
  await page.locator('[data-set="1001"]').waitFor()
  server.signedIn = null
  await page.locator('[data-set="1001"]').getByRole('button', { name: '签出' }).click()
  await page.locator('#name').waitFor()
})

for (const [width, height] of [[1366, 768], [390, 844]]) {
  test(`no page scrolls sideways at ${width}×${height}`, async (t) => {
    for (const path of ['/login', '/agents', '/calls', '/nowhere']) {
      const { page } = await open(t, path, { who: path === '/login' ? null : LEAD, width, height, lang: 'en' })
      await page.locator('main').waitFor()
      if (path === '/agents' || path === '/calls') await page.locator('tbody tr[data-row-key]').first().waitFor()
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.equal(over, 0, path)
    }
  })
}

test('calls that cannot be looked at any more say since when', async (t) => {
  const { page, server } = await open(t, '/calls', { who: LEAD })
  await page.locator('.calls tbody tr.ant-table-row').first().waitFor()
  await page.route('**/api/v1/calls**', (r) => r.abort())
  await page.locator('.ant-alert', { hasText: /数据停在 \d\d:\d\d:\d\d，已 [5-9] 秒/ }).waitFor()
  assert.ok(server.rows.length > 0)
})
