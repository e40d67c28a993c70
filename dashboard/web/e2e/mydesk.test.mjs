// An agent's own page, all day open, in a real browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { talkTo } from '../dev/desk.mjs'
import { visit } from './visit.mjs'

const WANG = { name: '王芳', role: 'agent', agent: '1001' }

async function open(t, { who = WANG, path = '/desk', prepare = () => undefined, ...how } = {}) {
  const visited = await visit(t, path, {
    queues: 3,
    agents: 8,
    height: 900,
    ...how,
    prepare: (server) => {
      server.day.frozen = true
      server.day.calls = []
      for (const a of server.day.agents) server.day.set(a, 'ready', Date.now())
      server.signedIn = who
      prepare(server.day, server.day.agents[0])
    },
  })
  return { ...visited, agent: visited.server.day.agents[0] }
}

/** Waits until the server was asked for this. */
async function asked(server, want) {
  const found = () => server.asked.find((a) => Object.entries(want).every(([k, v]) => JSON.stringify(a[k]) === JSON.stringify(v)))
  for (let i = 0; i < 100 && !found(); i++) await new Promise((done) => setTimeout(done, 50))
  assert.ok(found(), `asked ${JSON.stringify(server.asked)}, not ${JSON.stringify(want)}`)
}

const ring = (agent) => {
  agent.desk = { caller: '13800000001', queue: agent.queues[0], since: 0, held: 0, muted: false, consult: null }
  Object.assign(agent, { state: 'reserved', since: Date.now(), ring: { since: Date.now() - 6000, on_ms: 1000, cycle_ms: 5000, limit: 3 } })
}

test('an agent who signs in is at their desk, a supervisor at the agents', async (t) => {
  const { page, server } = await open(t, { who: null, path: '/login' })
  await page.locator('#name').fill('1001')
  await page.locator('#password').fill('1001')
  await page.keyboard.press('Enter')
  await page.locator('[data-state=ready]').waitFor()
  assert.equal(new URL(page.url()).pathname, '/desk')
  await page.getByRole('button', { name: /^已登录/ }).click()
  await page.getByRole('menuitem', { name: '退出', exact: true }).click()
  await page.locator('#name').fill('lead')
  await page.locator('#password').fill('lead')
  await page.keyboard.press('Enter')
  await page.locator('[data-set="1001"]').waitFor()
  assert.equal(new URL(page.url()).pathname, '/agents')
  assert.equal(await page.getByRole('link', { name: '工作台' }).count(), 0)
  assert.ok(server.signedIn)
})

test('a user without an agent is told what to do', async (t) => {
  const { page } = await open(t, { who: { name: '班长', role: 'supervisor', agent: '' } })
  await page.getByText('threerings user').waitFor()
})

test('the state is set by button and by key', async (t) => {
  const { page, agent, problems } = await open(t)
  await page.locator('[data-state=ready]').waitFor()
  await page.keyboard.press('n')
  await page.getByRole('menuitem', { name: '用餐' }).click()
  await page.locator('[data-state=not_ready]', { hasText: '用餐' }).waitFor()
  assert.equal(agent.reason, 'meal')
  await page.keyboard.press('Escape')
  await page.locator('.my-call').click()
  await page.keyboard.press('r')
  await page.locator('[data-state=ready]').waitFor()
  assert.deepEqual(problems, [])
})

test('a call rings, is held, taken back, muted and consulted by keys, and nothing moves', async (t) => {
  const { page, server, agent, problems } = await open(t)
  await page.locator('[data-state=ready]').waitFor()
  const places = () => page.locator('.my-card, .my-deeds button, .work textarea, .my-buttons button, .my-for').evaluateAll((all) => all.map((e) => { const b = e.getBoundingClientRect(); return [Math.round(e.matches('.my-for') ? b.right : b.left), Math.round(b.top)].join() }))
  const before = await places()
  ring(agent)
  server.flush()
  await page.locator('[data-ring="2"]').waitFor()
  await page.locator('.my-caller', { hasText: '13800000001' }).waitFor()
  assert.deepEqual(await places(), before)
  talkTo(agent, '13800000001', Date.now() - 65_000, { survey: true })
  server.flush()
  await page.locator('.my-clock', { hasText: /1:0\d/ }).waitFor()
  await page.keyboard.press('h')
  await page.locator('[data-deed=retrieve]:enabled').waitFor()
  assert.match(await page.locator('.my-marks').textContent(), /客户保持中/)
  await page.keyboard.press('h')
  await page.locator('[data-deed=hold]:enabled').waitFor()
  await page.keyboard.press('m')
  await page.locator('[data-deed=unmute]:enabled').waitFor()
  await page.keyboard.press('c')
  await page.getByRole('combobox').fill('1002')
  await page.locator('.ant-select-item-option').first().click()
  await page.getByRole('button', { name: '确定' }).click()
  await page.locator('[data-deed=toggle]:enabled').waitFor()
  await asked(server, { do: 'consult', to: { agent: '1002' } })
  assert.match(await page.locator('.my-marks').textContent(), /咨询 李伟 · 私下通话/)
  await page.locator('[role=dialog]').waitFor({ state: 'hidden' })
  await page.locator('.my-call').click({ position: { x: 5, y: 5 } })
  await page.keyboard.press('b')
  await page.locator('[data-deed=consult]:enabled').waitFor()
  assert.deepEqual(await places(), before)
  assert.deepEqual(problems, [])
})

test('hanging up is asked for once more; the call is then registered in its wrap-up', async (t) => {
  const { page, server, agent, problems } = await open(t, { prepare: (_, a) => talkTo(a, '13800000001', Date.now() - 9000) })
  await page.locator('[data-deed=hang_up]:enabled').waitFor()
  agent.unregistered = true
  await page.keyboard.press('x')
  await page.locator('.ant-modal-confirm').getByRole('button', { name: '挂断' }).click()
  await page.locator('[data-state=wrap_up]').waitFor()
  await asked(server, { do: 'hang_up' })
  await page.getByText('须先登记').waitFor()
  assert.ok(await page.getByRole('button', { name: /^置闲/ }).isDisabled())
  await page.locator('.ant-modal-confirm').waitFor({ state: 'detached' })
  await page.keyboard.press('2')
  await page.locator('[data-category=complaint][aria-pressed=true]').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.type('hm 2 r') // letters in a note are no shortcuts
  await page.keyboard.press('Control+Enter')
  await page.locator('[data-done=complaint]').waitFor()
  await asked(server, { category: 'complaint', note: 'hm 2 r', agent: '1001' })
  await page.locator('.work-time', { hasText: '0:' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('e')
  await asked(server, { path: '/agents/1001/wrap-up' })
  await page.locator('.work-foot').getByRole('button', { name: /^结束整理/ }).and(page.locator(':enabled')).waitFor()
  await page.keyboard.press('r')
  await page.locator('[data-state=ready]').waitFor()
  assert.deepEqual(problems, [])
})

test('what is refused is said in words', async (t) => {
  const { page, server } = await open(t, { prepare: (_, a) => talkTo(a, '13800000001', Date.now()) })
  await page.locator('[data-deed=hold]:enabled').waitFor()
  server.answer = () => 'not_now'
  await page.locator('[data-deed=hold]').click()
  await page.getByText('通话的状态已经变了').waitFor()
})

test('messages are called and closed, call-backs shown', async (t) => {
  const at = new Date().toISOString()
  const { page, server, problems } = await open(t, {
    prepare: (day, a) => {
      day.cases = [{ id: 'v-1', kind: 'voicemail', queue: a.queues[0], caller: '138****0001', opened_at: at }]
      day.backs = [{ id: 'b-1', queue: a.queues[0], caller: '139****0002', asked_at: at, attempts: 1, next_at: at }]
    },
  })
  await page.locator('[data-callback=b-1]', { hasText: '已拨 1 次' }).waitFor()
  await page.locator('[data-case=v-1]').getByRole('button', { name: '拨打' }).click()
  await asked(server, { path: '/agents/1001/calls', case: 'v-1' })
  await page.locator('[data-case=v-1]').getByRole('button', { name: '已处理' }).click()
  await page.locator('[data-case=v-1]').waitFor({ state: 'detached' })
  await page.keyboard.press('p')
  await page.getByRole('combobox').fill('139 5555 0002')
  await page.getByRole('button', { name: '确定' }).click()
  await asked(server, { path: '/agents/1001/calls', number: '13955550002' })
  assert.deepEqual(problems, [])
})

test('the shortcuts are listed; a page that hears nothing says so and stops counting', async (t) => {
  const { page, server } = await open(t)
  await page.locator('[data-state=ready]').waitFor()
  await page.keyboard.press('?')
  await page.locator('.my-keys kbd', { hasText: 'X' }).waitFor()
  await page.keyboard.press('Escape')
  server.pushing = false
  await page.locator('.my-live.bad', { hasText: /数据停在 \d\d:\d\d:\d\d，已 \d+ 秒/ }).waitFor()
  const then = await page.locator('.my-for').textContent()
  await page.locator('.my-live.bad', { hasText: /已 [5-9] 秒/ }).waitFor()
  assert.equal(await page.locator('.my-for').textContent(), then)
})

test('a supervisor sees the day of each queue, and the parts of a call', async (t) => {
  const { page, server, problems } = await open(t, { who: { name: '班长', role: 'supervisor', agent: '' }, path: '/agents' })
  await page.getByRole('button', { name: '今日数字' }).click()
  await page.locator('.day-table tr', { hasText: '4.6 分 · 41 份' }).first().waitFor()
  const call = server.rows.find((c) => c.outcome === 'answered' && c.talk_ms > 30_000 && c.agent !== '1002')
  Object.assign(call, { transfers: 1, hold_ms: 4000 })
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: '话单' }).click()
  await page.locator(`tr[data-row-key="${call.id}"]`).click()
  await page.locator('[data-part="2"]', { hasText: '同事咨询' }).waitFor()
  assert.match(await page.locator('[data-part="1"]').textContent(), /其中保持 0:04/)
  assert.deepEqual(problems, [])
})

for (const [width, height] of [[1920, 1080], [1280, 800], [390, 844]]) {
  test(`the desk does not scroll sideways at ${width}×${height}, nor is anything cut`, async (t) => {
    for (const lang of ['zh', 'en']) {
      const { page } = await open(t, { width, height, lang, prepare: (_, a) => talkTo(a, '13800000001', Date.now(), { held: Date.now(), muted: true, consult: { agent: '', number: '13955550002', state: 'private', began_at: new Date().toISOString(), answered_at: null } }) })
      await page.locator('[data-deed=toggle]:enabled').waitFor()
      const faults = await page.evaluate(() => {
        const out = []
        const d = document.documentElement
        if (d.scrollWidth > d.clientWidth) out.push(`scrolls sideways by ${d.scrollWidth - d.clientWidth}`)
        for (const e of document.querySelectorAll('.my .ant-btn, .my-now, .my-clock, .my-figures div')) if (e.scrollWidth > e.clientWidth + 1) out.push(`cut: ${e.textContent}`)
        return out
      })
      assert.deepEqual(faults, [], lang)
    }
  })
}
