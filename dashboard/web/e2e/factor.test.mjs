// The second factor, in a real browser, by keyboard.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from './visit.mjs'

function open(t, path, who, lang = 'zh', width = 1366) {
  return visit(t, path, {
    lang,
    width,
    prepare: (server) => {
      server.day.frozen = true
      server.signedIn = who && { agent: '', must_change: false, ...who }
    },
  })
}

test('who must have a second factor sets one up before anything else', async (t) => {
  const { page, server, problems } = await open(t, '/calls', { name: 'li.na', role: 'qa', must_enrol: true })
  server.accounts.factor.demanded = true
  await page.getByText('您的角色必须启用双重验证').waitFor()
  assert.equal(new URL(page.url()).pathname, '/factor')
  assert.equal(await page.getByRole('link', { name: '话单' }).count(), 0)
  await page.getByLabel('当前密码').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('密码不对，请再试一次').waitFor()
  await page.getByLabel('当前密码').fill('right')
  await page.keyboard.press('Enter')
  await page.getByRole('img', { name: '双重验证二维码' }).waitFor()
  await page.getByText('GEZD GNBV').waitFor()
  await page.keyboard.type('000000') // the field has the focus
  await page.keyboard.press('Enter')
  await page.getByText('验证码不对').waitFor()
  await page.getByLabel('验证码', { exact: true }).fill('123456')
  await page.keyboard.press('Enter')
  await page.getByText('请保存好这 10 个恢复码').waitFor()
  assert.equal(await page.locator('.factor-codes li').count(), 10)
  await page.getByRole('button', { name: '我已保存好' }).press('Enter')
  await page.getByRole('link', { name: '话单' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/calls')
  assert.deepEqual(problems, [])
})

test('a second factor is looked after and turned off', async (t) => {
  const { page, server, problems } = await open(t, '/factor', { name: 'li.na', role: 'qa', second_factor: true }, 'en', 390)
  Object.assign(server.accounts.factor, { enabled: true, confirmed_at: '2026-11-20T01:00:00.000Z', recovery_codes_left: 2 })
  await page.reload()
  await page.getByText('2 recovery codes left').waitFor()
  await page.getByRole('button', { name: 'New recovery codes' }).click()
  await page.getByLabel('Code, or a recovery code').fill('123456')
  await page.keyboard.press('Enter')
  await page.getByText('Keep these 10 recovery codes').waitFor()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText('10 recovery codes left').waitFor()
  await page.getByRole('button', { name: 'Turn off, or use another phone' }).click()
  await page.getByLabel('Current password').fill('right')
  await page.getByLabel('Code, or a recovery code').fill('123456')
  await page.getByRole('button', { name: 'Turn off', exact: true }).click()
  await page.getByRole('button', { name: 'Set up' }).waitFor()
  assert.equal(server.accounts.factor.enabled, false)
  assert.deepEqual(problems, [])
})

test('the code is asked for after the password', async (t) => {
  const { page, server, problems } = await open(t, '/login', null)
  server.accounts.factor.enabled = true
  await page.getByLabel('用户名').fill('boss')
  await page.getByLabel('密码').fill('boss')
  await page.keyboard.press('Enter')
  await page.getByText('boss，请输入验证码').waitFor()
  await page.keyboard.type('999999')
  await page.keyboard.press('Enter')
  await page.getByText('验证码不对').waitFor()
  await page.getByLabel('boss，请输入验证码').fill('123456')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /已登录/ }).waitFor()
  assert.deepEqual(problems, [])
})

test('an administrator resets a second factor', async (t) => {
  const { page, server, problems } = await open(t, '/users', { name: 'admin', role: 'administrator' })
  server.accounts.users[1].second_factor = true
  await page.reload()
  await page.getByRole('button', { name: '对 li.na 的操作' }).click()
  await page.getByRole('menuitem', { name: '重置双重验证' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '重置双重验证' }).click()
  await page.getByText('li.na 的双重验证已重置').waitFor()
  assert.equal(server.accounts.users[1].second_factor, false)
  assert.deepEqual(problems, [])
})
