// Looks a page over with axe-core: `await axe(page)` fails with what it finds.
// The script runs beside the page's own: our policy forbids injected ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What a screen reader, a keyboard or weak eyes would stumble over. Parts of Ant Design that are its own can be left out by selector. */
export async function axe(page, { exclude = [] } = {}) {
  // What is still loading is dimmed, and what moves is seen through: that is not how it is read. A colour may begin to
  // change a moment after what changes it, so it has to have been still for a while.
  const still = () =>
    page.waitForFunction(
      () => !document.querySelector('.ant-spin-spinning') && document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Infinity),
    )
  await still()
  await page.waitForTimeout(400)
  await still()
  await page.evaluate(source)
  const found = await page.evaluate(async (without) => {
    const r = await globalThis.axe.run({ exclude: without.map((s) => [s]) }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
    return r.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(' ') + ' ' + JSON.stringify(n.any[0]?.data ?? '').slice(0, 220)).slice(0, 3).join('; ')})`)
  }, exclude)
  assert.deepEqual(found, [])
}
