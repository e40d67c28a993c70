// Pictures of the pages at the sizes that matter, into a temporary folder (or
// the folder given): node dev/screenshots.mjs [folder] [name-part]
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from './chromium.mjs'
import { FakeServer } from './fake-server.mjs'
import { alarm, dress } from './scenes.mjs'

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'threerings-shots-'))
const only = process.argv[3] ?? ''
mkdirSync(folder, { recursive: true })
const SIZES = { tv: [1920, 1080], laptop: [1366, 768], phone: [390, 844] }
const SCENES = { '1x6': [1, 6], '2x10': [2, 10], '3x14': [3, 14], '5x20': [5, 20], '8x40': [8, 40] }
const DESK = ['login', 'agents', 'calls']

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
    if (scene === '3x14') {
      await stateShots(server)
      await deskShots(server)
      await alarmShots(server)
    }
    await server.stop()
  }
} finally {
  await browser.close()
}
console.log(folder)

async function alarmShots(server) {
  for (const drill of [false, true]) {
    alarm(server.day, drill)
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      for (const lang of ['zh-CN', 'en']) {
        const name = `${drill ? 'drill' : 'alarm'}-${size}-${lang}`
        if (!name.includes(only)) continue
        const page = await browser.newPage({ viewport: { width, height } })
        await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=${lang}`)
        await page.locator('[data-alert]').first().waitFor()
        await page.waitForTimeout(500)
        await page.screenshot({ path: join(folder, `${name}.png`), fullPage: size === 'phone' })
        await page.close()
      }
    }
  }
}

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

/** The help, the switch out of touch, and a stale wall. */
async function stateShots(server) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    for (const lang of ['zh-CN', 'en']) {
      const name = (state) => `${state}-${size}-${lang}`
      if (!['help', 'cut', 'stale'].some((s) => name(s).includes(only))) continue
      const page = await browser.newPage({ viewport: { width, height } })
      const shot = (state) => page.screenshot({ path: join(folder, `${name(state)}.png`) })
      await page.goto(`http://127.0.0.1:${server.port}/wallboard?lang=${lang}`)
      await page.locator('[data-queue]').first().waitFor()
      await page.keyboard.press('?')
      await page.locator('dialog.help').waitFor()
      await shot('help')
      await page.keyboard.press('Escape')
      server.day.switch = false
      await page.locator('[data-banner=switch]').waitFor()
      await page.mouse.move(200, 200)
      await page.waitForTimeout(600)
      await shot('cut')
      server.day.switch = true
      server.pushing = false
      await page.locator('[data-banner=stale]').waitFor()
      await page.waitForTimeout(600)
      await shot('stale')
      server.pushing = true
      await page.close()
    }
  }
}
