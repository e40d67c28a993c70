// The whole circle of quality checks, by hand in a real browser against a real server, in Chinese and English:
// plan, draw, listen, score, appeal, second score, decision, calibration, export. Everybody signs in as themselves.
// Arguments: the server's address, the password of all, a folder for pictures. Ends with 1 and says why when anything is
// not as it should be; the last line of its output is what was exported.
import assert from 'node:assert/strict'
import path from 'node:path'
import { axe } from '../e2e/axe.mjs'
import { launch } from './chromium.mjs'

const [base, password, shots] = process.argv.slice(2)
const SIZES = [[1920, 1080], [1280, 800], [390, 844]]
const browser = await launch()
const errors = []
const sounds = []

/** Somebody at a desk of their own. */
async function person(name) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, locale: 'zh-CN', acceptDownloads: true, reducedMotion: 'reduce' })
  await context.addInitScript(timeFirstSounds)
  const page = await context.newPage()
  page.on('pageerror', (e) => errors.push(`${name}: ${e.message}`))
  page.on('console', (m) => {
    if (/Content Security/.test(m.text()) && !looking) errors.push(`${name}: ${m.text()}`)
  })
  page.setDefaultTimeout(Number(process.env.CIRCLE_PATIENCE ?? 60_000))
  await page.goto(`${base}/login?lang=zh`)
  await page.locator('#name, input[autocomplete=username]').first().fill(name)
  await page.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL((u) => !u.pathname.startsWith('/login'))
  return page
}

/** In the page: how long from the wish to hear until time passes in the sound, in ms. */
function timeFirstSounds() {
  const play = HTMLMediaElement.prototype.play
  window.firstSounds = []
  HTMLMediaElement.prototype.play = function () {
    const began = performance.now()
    let off = this.currentTime > 0
    const look = () => {
      if (this.currentTime > 0 && !off) window.firstSounds.push(Math.round(performance.now() - began))
      else if (!off) requestAnimationFrame(look)
    }
    look()
    return play.call(this).catch((e) => {
      off = true // the browser wants a press first
      throw e
    })
  }
}

let looking = false // axe puts styles into the page, which the policy refuses

/** Pictures in both languages and three sizes; each is looked over for accessibility and for what does not fit. */
async function look(page, name) {
  const at = page.url()
  for (const lang of ['en', 'zh']) {
    const url = new URL(at)
    url.searchParams.set('lang', lang)
    url.searchParams.delete('task')
    await page.goto(url.href)
    await page.locator('main h1').first().waitFor()
    await page.waitForLoadState('networkidle')
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height })
      await page.waitForTimeout(300)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      await page.screenshot({ path: path.join(shots, `${name}-${lang}-${width}.png`), fullPage: true })
      assert.ok(wide <= 0, `${name} in ${lang} at ${width}: ${wide} pixels wider than the screen`)
      looking = true
      await axe(page)
      looking = false
    }
  }
  await page.setViewportSize({ width: 1366, height: 900 })
}

const button = (page, name) => page.getByRole('button', { name, exact: true })

/** Answers every item: the best there is, but for some by name. */
async function answer(page, worse = []) {
  for (const item of await page.locator('fieldset.item').all()) {
    const buttons = item.locator('.answers button')
    const texts = await buttons.allTextContents()
    const bad = worse.includes(await item.getAttribute('aria-label'))
    const best = texts.indexOf('是') >= 0 ? (bad ? '否' : '是') : texts.includes('3') ? (bad ? '1' : '3') : texts[0]
    await buttons.nth(texts.indexOf(best)).click()
  }
}

/** Plays until sound has come. It begins by itself where the browser lets it, maybe just as we press. */
async function hear(page) {
  const heard = (timeout) => page.waitForFunction(() => Number(document.querySelector('input[type=range]')?.value) > 200, undefined, { timeout })
  for (let i = 0; i < 5; i++) {
    const play = button(page, '播放')
    if (await play.isVisible()) await play.click({ timeout: 2000 }).catch(() => undefined)
    if (await heard(4000).then(() => true, () => false)) break
  }
  await heard(20_000)
  sounds.push(...(await page.evaluate(() => window.firstSounds)))
}

try {
  const boss = await person('boss')
  // The house's day an hour ago, in an hour, tomorrow: midnight may come in between.
  const dayIn = (hours) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' }).format(Date.now() + hours * 3600e3)
  const [since, until, due] = [-1, 1, 24].map(dayIn)

  // A plan for once, until now; the promise is there before the draw.
  await boss.goto(`${base}/qa/plans`)
  await button(boss, '新建计划').click()
  await boss.locator('#plan-name').fill('今日抽检')
  await boss.locator('#plan-per').click()
  await boss.locator('.ant-select-item-option', { hasText: '一次' }).click()
  await boss.locator('#plan-since').fill(since)
  await boss.locator('#plan-until').fill(until)
  await boss.locator('#plan-count').fill('1')
  await boss.locator('#plan-talk').fill('0')
  await boss.getByText(/本期到目前为止：\d+ 通可抽/).waitFor()
  await button(boss, '保存').click()
  const promised = await boss.locator('.draws code').first().getAttribute('title')
  await look(boss, 'plans')
  await button(boss, '立即抽样').click()
  await boss.getByRole('link', { name: '打开' }).click()
  await boss.getByText('任何人都可以复核这次抽样').waitFor()
  assert.match(promised, /^[0-9a-f]{64}$/)
  assert.equal(await boss.locator('.hash code').first().textContent(), promised, 'the draw was made by another seed than the promised one')
  await look(boss, 'draw')

  // Two scorers; whoever has the task listens, scores it and submits.
  const scorers = { qa1: await person('qa1'), qa2: await person('qa2') }
  let first
  for (const [name, page] of Object.entries(scorers)) {
    await page.goto(`${base}/qa/tasks`)
    await page.locator('.ant-table-row, .ant-table-placeholder').first().waitFor()
    if (!first && (await page.getByRole('link', { name: '开始评分' }).count()) > 0) first = name
  }
  assert.ok(first, 'nobody has a task')
  const scorer = scorers[first]
  await look(scorer, 'tasks')
  await scorer.getByRole('link', { name: '开始评分' }).first().click()
  await scorer.waitForURL(/\/qa\/evaluations\/\w+/)
  const evaluation = new URL(scorer.url()).pathname
  await hear(scorer)
  await answer(scorer, ['使用礼貌用语', '标准问候语'])
  await scorer.getByText('草稿已保存').waitFor()
  await look(scorer, 'evaluation')
  await button(scorer, '提交').click()
  await scorer.getByText('待坐席阅读').waitFor()

  // The agent hears the call, and objects.
  const agent = await person('li')
  await agent.goto(`${base}${evaluation}`)
  await hear(agent)
  const before = await agent.locator('.judge-total strong').textContent()
  await button(agent, '申诉').click()
  await agent.getByLabel('申诉理由').fill('录音里我说了您好。')
  await look(agent, 'agent')
  await button(agent, '申诉').click()
  await agent.getByLabel('申诉理由').fill('录音里我说了您好。')
  await button(agent, '申诉').click()
  await agent.getByText('申诉中').waitFor()

  // Somebody else scores it a second time, without seeing the first score.
  const second = scorers[first === 'qa1' ? 'qa2' : 'qa1']
  await second.goto(`${base}${evaluation}`)
  await second.getByText('复评：请独立评分，您看不到初评').waitFor()
  await answer(second, ['使用礼貌用语'])
  await button(second, '提交复评').click()
  await second.getByText('待裁定').waitFor()
  await boss.goto(`${base}${evaluation}`)
  await boss.getByText('采用复评').click()
  await boss.getByLabel('给坐席的答复').fill('已核实，问候语符合标准。')
  await button(boss, '裁定').click()
  await boss.getByText('已裁定').waitFor()
  const after = await boss.locator('.judge-total strong').textContent()
  assert.ok(Number(after) > Number(before), `the decision changed the score from ${before} to ${after}`)
  await look(boss, 'decided')

  // The agent is coached after it, and what came of it is noted.
  await boss.getByRole('link', { name: '新建辅导' }).click()
  await boss.getByLabel('内容').fill('开头语要完整。')
  await boss.locator('#coach-due').fill(due)
  await boss.keyboard.press('Enter')
  await boss.locator('.ant-modal-footer .ant-btn-primary').click()
  await boss.locator('.coach', { hasText: '开头语要完整。' }).waitFor()
  await boss.goto(`${base}${evaluation}`)

  // Calibration: both score the same calls blind; closed, their agreement is shown.
  const call = await boss.locator('.judge-facts a').first().textContent()
  const { recordings } = await (await boss.request.get(`${base}/api/v1/recordings?limit=3`)).json()
  const worse = [{ qa2: ['使用礼貌用语'] }, { qa1: ['标准问候语', '使用礼貌用语'], qa2: ['标准问候语', '使用礼貌用语'] }, { qa1: ['普通话标准，语速平稳'] }]
  for (const [i, r] of recordings.entries()) {
    await boss.goto(`${base}/qa/calibrations?call=${encodeURIComponent(r.call)}&agent=1001`)
    await button(boss, '发起校准').click()
    await boss.locator('#cal-name').fill(`十一月校准 ${i + 1}`)
    await boss.locator('#cal-scorers').fill('qa1,qa2,')
    await boss.locator('#cal-reference').click()
    await boss.locator('.ant-select-item-option', { hasText: 'qa1' }).last().click()
    await boss.locator('#cal-due').fill(due)
    await boss.keyboard.press('Enter')
    await boss.locator('.ant-modal-footer .ant-btn-primary').click()
    await boss.getByText('已评 0 / 2').waitFor()
    for (const [name, page] of Object.entries(scorers)) {
      await page.goto(`${base}/qa/calibrations`)
      await button(page, '评分').click()
      await page.locator('.ant-drawer fieldset.item').first().waitFor()
      await answer(page, worse[i][name] ?? [])
      await button(page, '提交').click()
      await button(page, '评分').waitFor({ state: 'detached' })
    }
    await boss.goto(`${base}/qa/calibrations`)
    await button(boss, '结束并公布').click()
    await button(boss, '结束并公布').waitFor({ state: 'detached' })
  }
  await boss.getByText('一致性 α').first().waitFor()
  await look(boss, 'calibration')

  // Results, and out with them.
  await boss.goto(`${base}/qa/scores`)
  await boss.locator('.ant-table-row').first().waitFor()
  await look(boss, 'scores')
  const [file] = await Promise.all([boss.waitForEvent('download'), boss.getByRole('link', { name: 'CSV' }).click()])
  const stream = await file.createReadStream()
  let csv = ''
  for await (const part of stream) csv += part
  for (const p of ['forms', 'coaching']) {
    await boss.goto(`${base}/qa/${p}`)
    await look(boss, p)
  }

  // Asked to, an administrator erases a recording: found by its call's number, with a reason, and typed out.
  const root = await person('root')
  await root.goto(`${base}/custody`)
  await root.getByLabel('通话编号').fill(call)
  await button(root, '查找').click()
  await button(root, '销毁录音').click()
  await root.getByLabel('原因').fill('客户要求')
  const erase = root.locator('.ant-modal-footer .ant-btn-primary')
  assert.ok(await erase.isDisabled(), 'a recording may be erased without its number typed')
  await root.getByLabel(/请输入通话编号/).fill(call)
  await erase.click()
  await root.getByText('录音已销毁，无法恢复').waitFor()
  await look(root, 'custody')
  assert.deepEqual(errors, [])
  console.log(JSON.stringify({ evaluation: evaluation.split('/').pop(), before: Number(before), after: Number(after), csv, sounds }))
} catch (e) {
  console.error(e)
  for (const [i, c] of browser.contexts().entries()) await c.pages()[0]?.screenshot({ path: path.join(shots, `failed-${i}.png`) }).catch(() => undefined)
  process.exitCode = 1
} finally {
  await browser.close()
}
