// What the page costs, measured in Chromium against real servers: the Colossus twin and a made-up
// factory of 1,000,000 GPUs at a day a minute. MILLRACE_WEB_SECONDS says how long the stream is
// watched for growth, 120 where it is not given.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { launch, signedIn, skip } from './browser.ts'
import { colossusFile, millionFile, startSite } from './factory.ts'
import { costOf } from './measure.ts'

const SECONDS = Number(process.env['MILLRACE_WEB_SECONDS'] ?? 120)
const ASSETS = join(import.meta.dirname, '..', '..', 'dist', 'web')

const PAINT_MOST_MS = 1000
const DRAW_MOST_MS = 4
const MEMORY_MOST = 200e6
const GROWTH_MOST = 4e6
const FLOOR_MOST = 50_000
const BUNDLE_MOST = 120_000

test('the page is small', () => {
  assert.ok(existsSync(ASSETS), 'the page is not built: node bin/build-web.mjs')
  const files = readdirSync(ASSETS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
  const bytes = files.reduce((sum, { parentPath, name }) =>
    sum + gzipSync(readFileSync(join(parentPath, name))).length, 0)
  console.log(`the page: ${bytes} bytes compressed`)
  assert.ok(bytes < BUNDLE_MOST, `${bytes} bytes`)
})

for (const [name, file, days, seconds] of [
  ['the Colossus', colossusFile, 6, Math.min(30, SECONDS)],
  ['1,000,000 GPUs', millionFile, 3, SECONDS],
] as const) {
  describe(name, { skip }, async () => {
    if (skip !== false) return
    const site = await startSite(file(), { pace: 1440, days })
    const browser = await launch()
    after(async () => {
      await browser.close()
      await site.close()
    })

    test('paints, draws and remembers within its goals', async () => {
      const problems: string[] = []
      const page = await signedIn(browser, site.server.url, site.token, problems)
      const cost = await costOf(page, site.server.url, seconds)
      console.log(`${name}: ${JSON.stringify(cost)}`)
      assert.ok(cost.firstPaintMs < PAINT_MOST_MS, `first paint after ${cost.firstPaintMs} ms`)
      assert.ok(cost.draws > 10, `${cost.draws} draws`)
      assert.ok(cost.drawP95Ms < DRAW_MOST_MS, `a draw takes ${cost.drawP95Ms} ms`)
      assert.ok(cost.processBytes < MEMORY_MOST, `${cost.processBytes} bytes of memory`)
      assert.ok(cost.grownBytes < GROWTH_MOST, `${cost.grownBytes} bytes more at the end`)
      assert.deepEqual(problems, [])
    })

    for (const lens of ['phase', 'job', 'price']) {
      test(`the floor by ${lens} is small on the wire`, async () => {
        const response = await fetch(`${site.server.url}/v1/floor?lens=${lens}`, {
          headers: { authorization: `Bearer ${site.token}` } })
        const bytes = gzipSync(Buffer.from(await response.arrayBuffer())).length
        const { gpus, jobs } = (await site.client.factories()).items[0]!
        console.log(`${lens}: ${bytes} bytes for ${jobs.running} jobs on ${gpus.busy} GPUs`)
        assert.ok(bytes < FLOOR_MOST, `${bytes} bytes`)
      })
    }
  })
}
