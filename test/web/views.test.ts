// Every view in light and dark holds to WCAG (axe-core finds nothing); the floor is gone through by
// address, keyboard, mouse and the find box; what it says is what the interface says of the same
// moment, and so does the time bar of limits. In Chromium against a real server of a small busy
// twin that keeps its journal on a disk.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readRuns } from '../../web/src/floor/paint.ts'
import { launch, signedIn, skip } from './browser.ts'
import { smallFile, startSite } from './factory.ts'

const AXE = readFileSync(join(
  import.meta.dirname, '..', '..', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')
const VIEWS = ['floor', 'power', 'queue', 'what-if', 'ahead', 'job', 'health']

type Found = { readonly id: string, readonly nodes: readonly { readonly html: string }[] }

const { site, page, problems } = skip === false ? await setUp() : {} as Ready
const { url } = site?.server ?? { url: '' }

type Ready = Awaited<ReturnType<typeof setUp>>

/** A small busy factory, and the page signed in to it. */
async function setUp() {
  const made = await startSite(smallFile(), { pace: 60, days: 1, copies: 0 })
  for (const gpus of [64, 16, 2]) {
    await made.client.submit({ gpus, name: `<b>job of ${gpus}</b>`, limitMs: 86_400_000,
      spec: { command: ['train'], workMs: 86_400_000 } as never })
  }
  const browser = await launch()
  after(async () => {
    await browser.close()
    await made.close()
  })
  const wrong: string[] = []
  return { site: made, problems: wrong,
    page: await signedIn(browser, made.server.url, made.token, wrong) }
}

function inBrowser(name: string, run: () => Promise<void> | void): void {
  void test(name, { skip }, run)
}

for (const scheme of ['light', 'dark'] as const) {
  for (const view of VIEWS) {
    inBrowser(`${view} in ${scheme}: axe finds nothing`, async () => {
      await page.emulateMedia({ colorScheme: scheme })
      const { items } = await site.client.jobs({ limit: 1 })
      await page.goto(`${url}/?view=${view}&job=${items[0]?.number ?? 1}`)
      await page.waitForSelector('main h1, main h2')
      await page.waitForTimeout(500)
      assert.deepEqual(await axe(), [])
    })
  }
}

inBrowser('a rack, a node and a GPU: axe finds nothing, and each is an address', async () => {
  for (const within of ['rack1', 'rack1/1', 'rack1/1/3']) {
    await page.goto(`${url}/?within=${encodeURIComponent(nameOf(within))}`)
    await page.waitForSelector('tbody tr')
    assert.deepEqual(await axe(), [])
  }
})

inBrowser('arrow keys and Enter go in, Backspace goes out', async () => {
  await page.goto(url)
  await page.waitForSelector('.legend li')
  await page.focus('.box')
  const seen: string[] = []
  for (let level = 0; level < 5; level++) {
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForTimeout(100)
    const within = new URL(page.url()).searchParams.get('within') ?? ''
    if (seen.at(-1) !== within) seen.push(within)
  }
  assert.match(seen.at(-1)!, /rack\d+\/\d+\/\d+$/, seen.join(' > '))
  for (const name of seen.slice(0, -1).reverse()) {
    await page.keyboard.press('Backspace')
    await page.waitForTimeout(100)
    assert.equal(new URL(page.url()).searchParams.get('within'), name)
  }
})

inBrowser('the find box leads to a job, a node, a feeder, and says what there is not', async () => {
  const { items } = await site.client.jobs({ limit: 1, order: 'newest' })
  const number = `${items[0]!.number}`
  const find = async (text: string) => {
    await page.keyboard.press('/')
    await page.keyboard.type(text)
    await page.keyboard.press('Enter')
    await page.waitForTimeout(400)
    return new URL(page.url()).searchParams
  }
  await page.goto(url)
  await page.waitForSelector('.legend li')
  const job = await find(number)
  assert.deepEqual([job.get('view'), job.get('job')], ['job', number])
  const node = nameOf('rack2/3')
  assert.equal((await find(node)).get('within'), node)
  assert.equal((await find('<b>job of 16</b>')).get('view'), 'job')
  await find('nothing-of-that-name')
  assert.match(await page.innerText('#find-problem'), /nothing-of-that-name/)
  await page.fill('#find', '')
})

inBrowser('what the floor shows of a moment is what the interface says of it', async () => {
  const { at, name } = (await site.client.factories()).items[0]!
  for (const agoMs of [60_000, 3_600_000, 20 * 3_600_000]) {
    const then = new Date(Date.parse(at) - agoMs).toISOString()
    const ask = (path: string) => fetch(`${url}${path}at=${then}`, {
      headers: { authorization: `Bearer ${site.token}` } })
    const factory = await (await ask(`/v1/factories/${name}?`)).json() as {
      at: string, gpus: { busy: number }, jobs: { running: number } }
    assert.equal(factory.at, then)
    const values = new Uint32Array(128)
    readRuns(new Uint8Array(await (await ask('/v1/floor?lens=phase&')).arrayBuffer()), values)
    await page.goto(`${url}/?at=${then}`)
    await page.waitForSelector('.legend li')
    await page.waitForSelector('.then')
    const legend = await page.locator('.legend b').allInnerTexts()
    assert.deepEqual(legend.map((text) => Number(text.replace(/,/g, ''))),
      [0, 1, 2, 3, 4, 5, 6].map((phase) => values.filter((each) => each === phase).length))
    const said = await page.locator('.floor p').first().innerText()
    const { gpus: { busy }, jobs: { running } } = factory
    assert.ok(said.includes(
      `${busy} of 128 GPUs run ${running} ${running === 1 ? 'job' : 'jobs'}.`), said)
  }
})

inBrowser('the time bar marks a limit, names it, and goes to where it begins', async () => {
  const set = await site.client.limit({ feeder: 'here', watts: 290_000, cause: 'a <b>pump</b>' })
  const { items } = await site.client.limits()
  await page.goto(url)
  const stops = page.getByLabel('Go to an event')
  const option = stops.locator('option', { hasText: 'a <b>pump</b>: here at 290 kW' })
  await option.waitFor({ state: 'attached' })
  assert.equal(await page.locator('.marks .span').count(), 1)
  await stops.selectOption(await option.innerText())
  const at = new URL(page.url()).searchParams.get('at') ?? ''
  assert.equal(Date.parse(at), Date.parse(items[0]!.startAt!) + 1000)
  assert.deepEqual(await axe(), [])
  assert.ok('limit' in set)
  await site.client.clearLimit(set.limit!)
})

inBrowser('a phone shows it without scrolling to the side', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(url)
  await page.waitForSelector('.legend li')
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
  await page.setViewportSize({ width: 1440, height: 900 })
})

inBrowser('nothing went wrong in the page meanwhile', () => {
  // Of what the find box asks for, some is not there, which browsers tell as an error.
  assert.deepEqual(problems.filter((text) => !text.includes('422')), [])
})

/** Full names of racks begin with their row. */
function nameOf(short: string): string {
  const [rack, ...rest] = short.split('/')
  const { racks } = site.controller.state().layout.plant
  const found = racks[Number(rack!.slice('rack'.length)) - 1]!
  return [found.name, ...rest].join('/')
}

async function axe(): Promise<string[]> {
  await page.evaluate(AXE)
  const violations = await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then((found) => found.violations)`) as Found[]
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}
