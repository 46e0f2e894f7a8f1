// A person before the page, who presses and reads what has a name, by keyboard and by pointer; and
// the same figures as the interface tells them, written as the page writes them.
import type { Locator, Page } from 'playwright-core'
import { readRuns } from '../../web/src/floor/paint.ts'
import { until } from './factory.ts'

export const PHASES = [
  'idle', 'running', 'starting', 'capped', 'paused', 'drained', 'down',
] as const
export type Phases = Readonly<Record<(typeof PHASES)[number], number>>

/** Opens the page and types a token. */
export async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
}

/** A view by its letter. */
export async function open(page: Page, letter: string, view: string): Promise<void> {
  await page.keyboard.press(letter)
  await page.getByRole('link', { name: view, exact: true })
    .and(page.locator('[aria-current=page]')).waitFor()
}

export type Wish = {
  readonly name: string, readonly gpus: number, readonly time: string, readonly least: number }

/** Fills in the form, with the keyboard alone; returns what it said would follow. */
export async function submit(page: Page, { name, gpus, time, least }: Wish): Promise<string> {
  await open(page, 'q', 'Queue')
  await page.getByRole('button', { name: 'Submit a job' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Submit a job' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('GPUs').fill(`${gpus}`)
  await form.getByLabel('Time, such as').fill(time)
  await form.getByLabel('Least throughput').fill(`${least}`)
  await page.keyboard.press('Enter')
  await form.getByRole('button', { name: 'Submit', exact: true }).waitFor()
  const said = await form.getByRole('status').innerText()
  await page.keyboard.press('Enter')
  await form.waitFor({ state: 'hidden' })
  return said.trim()
}

/** GPUs by phase, as the floor's legend counts them. */
export async function phasesShown(page: Page): Promise<Phases> {
  const texts = await page.getByRole('list', { name: 'Phase' }).getByRole('listitem')
    .allInnerTexts()
  return phasesOf((phase) => {
    const text = texts.find((each) => each.trim().startsWith(phase))
    return Number(text?.replace(/[^0-9]/g, ''))
  })
}

/** An hour each way has so many places on the time bar. */
const STEP_MS = 6000

/**
 * Goes back to a time between two moments with the time bar: by its button, then by arrow keys, as
 * somebody does who looks at the date beside it. Returns the moment that the address then has.
 */
export async function goBack(page: Page, firstMs: number, endMs: number): Promise<string> {
  await page.getByLabel('How far the bar reaches').selectOption('± an hour')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  const wantedMs = (firstMs + endMs) / 2
  for (let times = 0; times < 20; times++) {
    await page.waitForURL(/[?&]at=/)
    const at = new URL(page.url()).searchParams.get('at')!
    const isThere = Date.parse(at) > firstMs && Date.parse(at) < endMs
    if (isThere) return at
    const steps = Math.round((wantedMs - Date.parse(at)) / STEP_MS)
    await page.keyboard.press('t')
    for (let step = 0; step < Math.min(100, Math.abs(steps)); step++) {
      await page.keyboard.press(steps < 0 ? 'ArrowLeft' : 'ArrowRight')
    }
    await page.waitForURL((url) => url.searchParams.get('at') !== at)
  }
  throw new Error(`the time bar did not get to ${new Date(wantedMs).toISOString()}`)
}

/** The interface, asked beside the page. */
export class Told {
  readonly url: string
  readonly token: string

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  async get<Answer>(path: string, body?: object): Promise<Answer> {
    const response = await this.ask(path, body)
    return await response.json() as Answer
  }

  /** GPUs by phase, now or then. */
  async phases(gpus: number, at = ''): Promise<Phases> {
    const response = await this.ask(`/v1/floor?lens=phase${at === '' ? '' : `&at=${at}`}`)
    const values = new Uint32Array(gpus)
    readRuns(new Uint8Array(await response.arrayBuffer()), values)
    return phasesOf((_, value) => values.filter((each) => each === value).length)
  }

  private async ask(path: string, body?: object): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...body !== undefined && { method: 'POST', body: JSON.stringify(body) },
    })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    return response
  }
}

function phasesOf(count: (phase: string, value: number) => number): Phases {
  return Object.fromEntries(PHASES.map((phase, value) => [phase, count(phase, value)])) as Phases
}

/** Power as the page writes it. */
export function power(watts: number): string {
  const value = watts / 1000
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toLocaleString('en', {
    minimumFractionDigits: digits, maximumFractionDigits: digits })} kW`
}

/** Waits until a text of the page holds what the interface says at the same time. */
export async function agrees(where: Locator, told: () => Promise<string>): Promise<void> {
  let [shown, wanted] = ['', '']
  await until(`the page says what the interface says`, async () => {
    [wanted, shown] = await Promise.all([told(), where.innerText()])
    return shown.replace(/\s+/g, ' ').includes(wanted)
  }, 10_000).catch(() => { throw new Error(`the page says "${shown}", and not "${wanted}"`) })
}
