// Accounts, first passwords and the audit log, in a real browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from './visit.mjs'

function open(t, path, who, width = 1366) {
  return visit(t, path, {
    width,
    prepare: (server) => {
      server.day.frozen = true
      server.signedIn = { agent: '', must_change: false, ...who }
    },
  })
}

const ADMIN = { name: 'admin', role: 'administrator' }

test('who has a first password chooses another before anything else', async (t) => {
  const { page, problems } = await open(t, '/calls', { name: 'li.na', role: 'qa', must_change: true })
  await page.getByText('请先换成自己的').waitFor()
  assert.equal(new URL(page.url()).pathname, '/password')
  assert.equal(await page.getByRole('link', { name: '话单' }).count(), 0)
  const field = (name) => page.getByLabel(name, { exact: true })
  await field('当前密码').fill('something else')
  await field('新密码').fill('battery staple')
  await field('再输一次新密码').fill('battery stable')
  await page.keyboard.press('Enter')
  await page.getByText('两次输入不一样').waitFor()
  await field('再输一次新密码').fill('battery staple')
  await page.keyboard.press('Enter')
  await page.getByText('当前密码不对').waitFor()
  await field('当前密码').fill('first-password')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: '话单' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/calls')
  assert.deepEqual(problems, [])
})

test('an administrator adds an account, sees its first password once, disables it and takes that back', async (t) => {
  const { page, server, problems } = await open(t, '/users', ADMIN)
  await page.getByText('li.na').waitFor()
  await page.getByRole('button', { name: '新建账号' }).click()
  await page.getByLabel('用户名').fill('wang fang')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('1–64 位字母').waitFor()
  await page.getByText('坐席角色要选工号').waitFor()
  await page.getByLabel('用户名').fill('wang.fang')
  await page.getByLabel('坐席工号').click()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('abcd-efgh-ijkl-mnop').waitFor()
  await page.getByRole('button', { name: '知道了' }).click()
  await page.getByText('abcd-efgh-ijkl-mnop').waitFor({ state: 'detached' })
  assert.equal(server.accounts.users.at(-1).role, 'agent')

  await page.getByRole('button', { name: '对 wang.fang 的操作' }).click()
  await page.getByRole('menuitem', { name: '停用' }).click()
  await page.getByText('wang.fang 已停用').waitFor()
  assert.equal(server.accounts.users.at(-1).disabled, true)
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText('已撤销').waitFor()
  assert.equal(server.accounts.users.at(-1).disabled, false)
  assert.deepEqual(problems, [])
})

test('the audit log shows who did what, and of one user alone', async (t) => {
  const { page, server, problems } = await open(t, '/audit', ADMIN, 390)
  server.accounts.note('boss', 'recording.play', 'c42')
  server.accounts.note('li.na', 'session.begin', '', 'wrong_password')
  await page.reload()
  await page.getByText('听录音').waitFor()
  await page.getByText('用户名或密码不对').waitFor()
  await page.getByPlaceholder('用户名', { exact: true }).fill('boss')
  await page.keyboard.press('Enter')
  await page.getByText('用户名或密码不对').waitFor({ state: 'detached' })
  await page.getByText('c42').waitFor()
  assert.deepEqual(problems, [])
})

test('a server that cannot say who is signed in signs nobody out', async (t) => {
  const { page, server } = await open(t, '/users', ADMIN)
  await page.getByText('li.na').waitFor()
  server.silent = true
  await page.reload()
  await page.getByRole('link', { name: '登录' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/users')
  server.silent = false
  await page.getByText('li.na').waitFor()
  assert.equal(new URL(page.url()).pathname, '/users')
})

test('a token for a screen: made, opened on the wall without a login, revoked', async (t) => {
  const { page, server, problems } = await open(t, '/tokens', ADMIN)
  await page.getByText('还没有令牌').waitFor()
  await page.getByRole('button', { name: '新建令牌' }).click()
  await page.getByLabel('名称').fill('wall-3f')
  await page.getByRole('button', { name: '生成' }).click()
  const address = await page.locator('.secret').textContent()
  assert.match(address, /\/wallboard#token=trt_SECRET$/)
  await page.getByRole('button', { name: '知道了' }).click()

  server.refuse = true // the wall asks for a login
  const wall = await page.context().newPage()
  await wall.goto(address)
  await wall.locator('[data-cell]').first().waitFor()
  assert.equal(new URL(wall.url()).hash, '')

  server.signedIn = { agent: '', must_change: false, ...ADMIN }
  await page.getByRole('button', { name: '吊销' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '吊销' }).click()
  await page.getByText('wall-3f 已吊销').waitFor()
  assert.ok(server.accounts.tokens[0].revoked_at)
  assert.deepEqual(problems, [])
})

test('a supervisor is limited to a team', async (t) => {
  const { page, server, problems } = await open(t, '/users', ADMIN)
  server.accounts.users.push({ name: 'boss', role: 'supervisor', agent: '', teams: [], disabled: false, must_change: false, created_at: null })
  await page.reload()
  await page.getByRole('button', { name: '对 boss 的操作' }).click()
  await page.getByRole('menuitem', { name: '修改' }).click()
  await page.getByLabel('班组').click()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('cell', { name: '白班' }).waitFor()
  assert.deepEqual(server.accounts.users.at(-1).teams, ['day'])
  assert.deepEqual(problems, [])
})

test('who must wait before the next sign-in is shown, and let go on', async (t) => {
  const { page, server, problems } = await open(t, '/users', ADMIN, 390)
  server.accounts.lockouts = [{ kind: 'code', subject: 'li.na', failed: 7, until: new Date(Date.now() + 300_000).toISOString() }]
  await page.reload()
  await page.getByText('li.na：验证码错了 7 次').waitFor()
  await page.getByRole('button', { name: '解除' }).click()
  await page.getByText('li.na 可以再试了').waitFor()
  await page.getByText('验证码错了 7 次').waitFor({ state: 'detached' })
  assert.deepEqual(problems, [])
})
