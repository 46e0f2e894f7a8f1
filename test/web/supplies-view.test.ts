// The strip of supplies on the page: what each gives in words, charts with a text equivalent, axe
// finds nothing in light and dark and in Korean. In Chromium against a real server of a small
// island on the twin.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ISLAND } from '../island.ts'
import { launch, signedIn, skip } from './browser.ts'
import { startSite, until } from './factory.ts'

const AXE = readFileSync(join(
  import.meta.dirname, '..', '..', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')

void test('the supplies of a site are told, drawn, and clean for axe', { skip }, async () => {
  const site = await startSite(ISLAND, { pace: 60, days: 0, copies: 0 })
  const browser = await launch()
  after(async () => {
    await browser.close()
    await site.close()
  })
  await site.client.submit({ gpus: 512, name: 'all', limitMs: 86_400_000,
    spec: { command: ['train'], workMs: 86_400_000 } as never })
  await until('supplies are told', async () =>
    typeof (await site.client.supplies()).items[0]?.toldAt === 'string')
  await site.client.loseSupply({ supply: 'recip', units: 2, forMs: 7_200_000 })
  await until('the loss is told', async () =>
    (await site.client.supplies()).items[0]?.supplies[0]?.lost === 2)
  const problems: string[] = []
  const page = await signedIn(browser, site.server.url, site.token, problems)
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.goto(`${site.server.url}/?view=power`)
    await page.waitForSelector('ul[aria-label="Power by supply"]')
    const said = await page.locator('section', { hasText: 'Supplies of the site' }).innerText()
    assert.match(said, /recip engines gives [\d.]+ [kM]?W, [0-3] of 5 on.*2 lost/)
    assert.match(said, /megapack-2xl battery (gives|takes) [\d.,]+ [kM]?W, holds [\d.]+ MWh of/)
    assert.match(said, /USD so far/)
    await page.getByText('Supplies as a table').click()
    assert.ok(await page.locator('details[open] tbody tr').count() > 0)
    // The charts take their width a moment after the page is there.
    await page.waitForTimeout(500)
    await page.evaluate(AXE)
    const found = await page.evaluate(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }).then((found) => found.violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
    assert.deepEqual(found, [])
  }
  await page.evaluate(() => localStorage.setItem('millrace.language', 'ko'))
  await page.reload()
  await page.waitForSelector('ul[aria-label="전력원별 전력"]')
  assert.deepEqual(problems, [])
})
