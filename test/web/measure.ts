// What the page costs in the browser: paint, drawing, memory and its growth while the stream runs.
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'

export type Cost = {
  readonly firstPaintMs: number
  /** 95 of a hundred draws take less of the processor's time: others may hold up the machine. */
  readonly drawP95Ms: number
  /** The same by the clock. */
  readonly drawP95WallMs: number
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
  await page.evaluate(() => performance.setResourceTimingBufferSize(0))
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['devtools.timeline', 'blink.user_timing'] })
  await goAbout(page, Math.min(TRACED_S, seconds))
  const drawn = drawsIn(await browser.stopTracing())
  await goAbout(page, seconds / 4)
  const quarter = await heapOf(page)
  await goAbout(page, Math.max(0, seconds - TRACED_S - seconds / 4))
  const heapBytes = await heapOf(page)
  return {
    firstPaintMs: paints.sort((a, b) => a - b)[1]!, draws: drawn.length, heapBytes,
    drawP95Ms: p95(drawn.map(({ cpuMs }) => cpuMs)),
    drawP95WallMs: p95(drawn.map(({ wallMs }) => wallMs)),
    grownBytes: heapBytes - quarter, processBytes: await processOf(browser),
  }
}

/** Draws are traced for so long: a trace of more is long to read. */
const TRACED_S = 20

/** The mouse rests here and there, so that jobs are looked at and the rest dims. */
async function goAbout(page: Page, seconds: number): Promise<void> {
  const endMs = Date.now() + seconds * 1000
  for (let turn = 0; Date.now() < endMs; turn++) {
    await page.mouse.move(100 + turn * 37 % 1200, 250 + turn * 53 % 500)
    await page.waitForTimeout(500)
  }
}

type Traced = {
  readonly name: string, readonly ts: number, readonly dur?: number, readonly tdur?: number
  readonly tid: number
}

/** Frames in which the floor was drawn: nothing else on the page asks for any. */
function drawsIn(trace: Buffer): { readonly cpuMs: number, readonly wallMs: number }[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Traced[] }
  const drawn = traceEvents.filter(({ name }) => name === 'floor.draw').map(({ ts }) => ts)
  return traceEvents.filter(({ name, ts, dur = 0 }) => name === 'FireAnimationFrame'
    && drawn.some((at) => at >= ts && at <= ts + dur))
    .map(({ dur = 0, tdur = dur }) => ({ cpuMs: tdur / 1000, wallMs: dur / 1000 }))
}

function p95(values: number[]): number {
  values.sort((a, b) => a - b)
  return values[Math.floor(values.length * 0.95)] ?? Infinity
}

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
