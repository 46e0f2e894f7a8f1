// What the page costs in the browser: paint, drawing, memory and its growth while the stream runs.
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'

export type Cost = {
  readonly firstPaintMs: number
  readonly drawP95Ms: number
  readonly draws: number
  /** Of the script, after what is garbage was collected. */
  readonly heapBytes: number
  /** How much more the heap holds at the end than after the first quarter. */
  readonly grownBytes: number
  /** Private memory of the page's process: script, pictures and the browser's own. */
  readonly processBytes: number
}

const LOADS = 3

/** Loads the page some times, then watches it for so many seconds with the mouse going about. */
export async function costOf(page: Page, url: string, seconds: number): Promise<Cost> {
  const paints: number[] = []
  for (let load = 0; load < LOADS; load++) {
    await page.goto(url)
    await page.waitForSelector('.legend li')
    paints.push(await page.evaluate(() =>
      performance.getEntriesByName('first-contentful-paint')[0]!.startTime))
  }
  await page.evaluate(OBSERVE)
  const start = Date.now()
  let quarter = 0
  for (let turn = 0; Date.now() - start < seconds * 1000; turn++) {
    await page.mouse.move(100 + turn * 37 % 1200, 250 + turn * 53 % 500)
    await page.waitForTimeout(500)
    if (quarter === 0 && Date.now() - start > seconds * 250) quarter = await heapOf(page)
  }
  const heapBytes = await heapOf(page)
  const drawn = await page.evaluate(() => (globalThis as unknown as { drawn: number[] }).drawn)
  drawn.sort((a, b) => a - b)
  return {
    firstPaintMs: paints.sort((a, b) => a - b)[1]!, draws: drawn.length, heapBytes,
    drawP95Ms: drawn[Math.floor(drawn.length * 0.95)] ?? Infinity,
    grownBytes: heapBytes - quarter, processBytes: await processOf(page.context().browser()!),
  }
}

const OBSERVE = `globalThis.drawn = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntriesByName('floor.draw')) drawn.push(entry.duration)
}).observe({ type: 'measure' })`

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage') as {
    usedSize: number, backingStorageSize?: number }
  await session.detach()
  return usedSize + backingStorageSize
}

/** The largest renderer's: there is one page. */
async function processOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')
    const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(rollup)?.[1])
    return (kilobytes('Private_Clean') + kilobytes('Private_Dirty')) * 1024
  })
  return Math.max(...sizes)
}
