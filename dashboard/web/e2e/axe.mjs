// Looks a page over with axe-core: `await axe(page)` fails with what it finds.
// The script runs beside the page's own: our policy forbids injected ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What a screen reader, a keyboard or weak eyes would stumble over. Parts of Ant Design that are its own can be left out by selector. */
export async function axe(page, { exclude = [] } = {}) {
  await page.evaluate(source)
  const found = await page.evaluate(async (without) => {
    const r = await globalThis.axe.run({ exclude: without.map((s) => [s]) }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
    return r.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join('; ')})`)
  }, exclude)
  assert.deepEqual(found, [])
}
