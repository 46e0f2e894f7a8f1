// From end to end in Chromium: sign in with a wrong token and the right one, see the twin run, a
// feeder's limit cut, jobs capped and paused, the cut over and all back, the time of the cut again;
// then the server is gone, the page says so, and goes on when it is back.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { launch, signedIn, skip } from './browser.ts'
import { smallFile, startSite, until } from './factory.ts'

/** Four racks of DGX H100 draw 163 kW at their rating and 35 kW idle: all can run below this. */
const AMPLE = '300 kW'
const CUT_W = 90_000

const { site, page, problems } = skip === false ? await setUp() : {} as Ready
const { url } = site?.server ?? { url: '' }
const client = site?.client
let cutAt = ''

type Ready = Awaited<ReturnType<typeof setUp>>

/** A factory without a job, and the page signed in to it. */
async function setUp() {
  const made = await startSite(smallFile(AMPLE), { pace: 60, days: 0, copies: 0 })
  const browser = await launch()
  after(async () => {
    await browser.close()
    await made.close()
  })
  const wrong: string[] = []
  return { site: made, problems: wrong,
    page: await signedIn(browser, made.server.url, made.token, wrong) }
}

function inBrowser(name: string, run: () => Promise<void>): void {
  void test(name, { skip }, run)
}

/** GPUs of a phase, as the legend says. */
async function count(phase: string): Promise<number> {
  return Number(await page.locator('.legend li', { hasText: phase }).locator('b').innerText())
}

inBrowser('a token that nobody has is refused in words', async () => {
  const other = await page.context().browser()!.newPage()
  await other.goto(url)
  await other.fill('#token', 'nonsense')
  await other.click('form button.main')
  await other.waitForSelector('#problem:not(:empty)')
  await other.close()
})

inBrowser('jobs that are submitted are seen to run', async () => {
  for (const gpus of [64, 32, 32]) {
    await client.submit({ gpus, limitMs: 86_400_000 * 10, spec: {
      command: ['train'], workMs: 86_400_000 * 5 } as never })
  }
  await page.waitForSelector('.legend li')
  await until('all GPUs run', async () => await count('running') === 128)
  assert.match(await page.innerText('.floor p'), /128 of 128 GPUs run 3 jobs/)
})

inBrowser('a cut of the limit caps or pauses them, and the page says so', async () => {
  await client.limit({ feeder: 'here', kind: 'limit', watts: CUT_W, cause: 'test' })
  await until('jobs are held', async () =>
    await count('capped') + await count('paused') > 0 && await count('running') < 128)
  cutAt = (await client.factories()).items[0]!.at
  const { items } = await client.jobs()
  const held = items.filter(({ capW }) => capW !== null)
  assert.ok(held.length > 0)
  assert.match(await page.innerText('.floor p'), /jobs are capped|paused/)
})

inBrowser('when the cut is over all run as before', async () => {
  const { items } = await client.limits()
  await client.clearLimit(items[0]!.limit)
  await until('all GPUs run again', async () => await count('running') === 128)
})

inBrowser('the time bar goes back to the cut, and to now again', async () => {
  await page.goto(`${url}/?at=${cutAt}`)
  await page.waitForSelector('.then')
  await until('the floor of then', async () =>
    await count('capped') + await count('paused') > 0)
  assert.match(await page.innerText('footer'), /the past/)
  await page.click('footer button:has-text("Back to now")')
  await until('now', async () => await count('running') === 128)
  await page.focus('#time')
  await page.keyboard.press('End')
  await page.waitForSelector('footer.plan')
  await page.waitForSelector('.then')
  await page.click('footer button:has-text("Back to now")')
})

inBrowser('a server that is gone is said to be gone, and all goes on when it is back', async () => {
  await site.kill()
  await page.waitForSelector('.age.silent', { timeout: 20_000 })
  assert.match(await page.innerText('.age'), /No word from the server/)
  await page.waitForTimeout(1500)
  await site.revive()
  // Sessions end with the server: the page asks for the token again, and stays where it was.
  await page.waitForSelector('#token', { timeout: 20_000 })
  await page.fill('#token', site.token)
  await page.click('form button.main')
  await page.waitForSelector('.age:not(.silent)')
  await until('the floor is back', async () => await count('running') === 128)
  assert.deepEqual(problems, [])
})
