// From end to end: `millrace up` as people start it and its page in Chromium, gone through as a
// person does, by keyboard and pointer alone. Jobs are submitted, one waits and says why, a what-if
// is looked at and applied, a feeder is cut and given back, the time of the cut is seen again, the
// server is killed with -9 and comes back. Every figure is compared with the interface.
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Job, PowerHistory } from '../../src/api/client.ts'
import { batch, newFolder } from '../cli/command.ts'
import { up } from '../cli/server.ts'
import { launch, newPage, skip } from './browser.ts'
import { SMALL, until } from './factory.ts'
import { agrees, goBack, open, phasesShown, power, signIn, submit, Told } from './person.ts'

const GPUS = 128

/** Four racks of DGX H100 draw 163 kW at their rating; below this the last job must pause. */
const CUT_W = 108_000
const CAUSE = 'a transformer is repaired'

/** An hour of the twin takes a minute. */
const WORDS = ['--pace', '60', '--no-failures']

type Figures = {
  readonly at: string
  readonly gpus: { readonly busy: number, readonly total: number }
  readonly jobs: { readonly running: number, readonly capped: number }
  readonly power: { readonly drawW: number, readonly limitW: number }
}

const { page, folder, file, problems, told, first } = skip === false ? await setUp() : {} as Ready
let server = first
const cut = { firstMs: 0, endMs: 0 }

type Ready = Awaited<ReturnType<typeof setUp>>

async function setUp() {
  const made = newFolder()
  const path = join(made.folder, 'small.yaml')
  writeFileSync(path, SMALL)
  const started = await up([path, ...WORDS])
  const browser = await launch()
  after(async () => {
    await browser.close()
    await server.stop()
    for (const each of [started.folder, server.folder]) {
      rmSync(each, { recursive: true, force: true })
    }
    made.remove()
  })
  const token = /Admin token, shown this once: (\S+)/.exec(started.printed())![1]!
  const wrong: string[] = []
  return {
    first: started, folder: made.folder, file: path, problems: wrong,
    told: new Told(started.url, token), page: await newPage(browser, wrong),
  }
}

function inBrowser(name: string, run: () => Promise<void>): void {
  void test(name, { skip }, run)
}

const main = () => page.getByRole('main')
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
const figures = (at = '') => told.get<Figures>(`/v1/factories/small?${at && `at=${at}`}`)
const jobs = async (query: string) =>
  (await told.get<{ items: readonly Job[] }>(`/v1/jobs?${query}`)).items

/** What the floor says in its first sentences, from the interface. */
function sentence({ gpus, jobs: { running }, power: { drawW, limitW } }: Figures): string {
  return `${gpus.busy} of ${gpus.total} GPUs run ${running} ${running === 1 ? 'job' : 'jobs'}. `
    + `They draw ${power(drawW)} of ${power(limitW)}.`
}

/** The floor in so many words and counts, as the interface has them, now or then. */
async function floorAgrees(at = ''): Promise<void> {
  await agrees(main(), async () => sentence(await figures(at)))
  await until('the counts of the legend are those of the interface', async () =>
    JSON.stringify(await phasesShown(page)) === JSON.stringify(await told.phases(GPUS, at)))
}

/** What the list says that a job does, from the interface. */
function doing({ phase, capW, speed }: Job): string {
  if (phase === 'paused') return 'Paused: it waits for power on its nodes.'
  return capW === null ? 'Runs at full throughput.'
    : `Runs, capped at ${capW} W a GPU: ${Math.round(speed * 100)} % of its throughput.`
}

/** The list of what is placed, each with what it does, as the interface has it, now or then. */
async function listAgrees(at = ''): Promise<void> {
  await open(page, 'q', 'Queue')
  await button(/^Running/).click()
  for (const job of await jobs(`phase=placed${at && `&at=${at}`}`)) {
    const row = page.getByRole('row', { name: `${job.name} #${job.number}` })
    await agrees(row, async () => doing(job))
  }
  const { running } = (await figures(at)).jobs
  await agrees(button(/^Running/), async () => `Running ${running}`)
}

inBrowser('a token that nobody has is refused in words, the right one opens the page', async () => {
  await signIn(page, told.url, 'nonsense')
  await page.getByRole('alert').filter({ hasText: 'not known' }).waitFor()
  await signIn(page, told.url, told.token)
  await page.getByText('TWIN').waitFor()
  await floorAgrees()
})

inBrowser('jobs are submitted in the page, and are seen to run', async () => {
  for (const [name, gpus] of [['pretrain', 64], ['tune', 32], ['probe', 32]] as const) {
    const said = await submit(page, { name, gpus, time: '10d', least: 60 })
    assert.equal(said, 'It would start at once.')
  }
  await open(page, 'f', 'Floor')
  await until('all GPUs run', async () => (await phasesShown(page)).running === GPUS)
  await floorAgrees()
  assert.equal((await figures()).jobs.running, 3)
})

inBrowser('a job that must wait says why, as need against have', async () => {
  const said = await submit(page, { name: 'late', gpus: 32, time: '2d', least: 0 })
  assert.equal(said, 'It would wait.')
  const [{ reason }] = await jobs('phase=pending&reasons=true') as [Job]
  const needed = `${reason!.need} ${reason!.unit}`
  const row = page.getByRole('row', { name: 'late #4' })
  await agrees(row, async () =>
    `Free nodes: ${needed} needed, ${reason!.at} has ${reason!.have} ${reason!.unit}.`)
  const why = await told.get<{ blockers: { sentence: string, holders: { name: string }[] }[] }>(
    '/v1/jobs/4/why')
  const panel = page.getByRole('complementary', { name: 'Why late waits' })
  await agrees(panel, async () => `${needed} needed, ${reason!.have} ${reason!.unit} there`)
  const blocker = why.blockers[0]!
  await agrees(panel, async () => blocker.sentence)
  assert.deepEqual(blocker.holders.map(({ name }) => name), ['pretrain', 'tune', 'probe'])
  for (const { name } of blocker.holders) await panel.getByRole('link', { name }).waitFor()
})

type Asked = { readonly verdict: string, readonly figures: Readonly<Record<string, {
  readonly without: { readonly mean: number }, readonly with: { readonly mean: number } }>> }

/** The table of differences, a row a figure. */
async function whatIfAgrees(changes: readonly string[], at = ''): Promise<void> {
  const asked = await told.get<Asked>(`/v1/whatif${at && `?at=${at}`}`,
    { changes, forMs: 6 * 3_600_000 })
  await agrees(main(), async () => asked.verdict)
  const started = asked.figures['jobsStarted']!
  assert.notEqual(started.without.mean, started.with.mean)
  await agrees(page.getByRole('row', { name: 'Jobs started' }), async () =>
    `Jobs started ${started.without.mean} ${started.with.mean}`)
}

inBrowser('a what-if shows the present against the future, and what differs', async () => {
  await open(page, 'w', 'What-if')
  await page.getByLabel('Change').selectOption('A job')
  await page.getByLabel('Name or number').fill('3')
  await page.keyboard.press('Enter')
  await whatIfAgrees(['cancel 3'])
  assert.match(await page.getByRole('figure').first().innerText(), /at the end 128 → 128/)
  assert.equal((await told.get<Job>('/v1/jobs/3')).phase, 'running')
})

inBrowser('it is applied after it showed what it asks for, and the job starts', async () => {
  await button('Apply …').press('Enter')
  await main().getByText('POST /v1/jobs/3/cancel').waitFor()
  await button('Ask for it …').press('Enter')
  await main().getByText('1 would start at once: #4. 1 would stop at once: #3.').waitFor()
  assert.equal((await told.get<Job>('/v1/jobs/3')).phase, 'running')
  await button('Ask for it').press('Enter')
  await main().getByText('Asked of the factory, and done: cancel 3').waitFor()
  assert.equal((await told.get<Job>('/v1/jobs/3')).outcome, 'cancelled')
  await until('the job runs', async () =>
    (await told.get<Job>('/v1/jobs/4')).phase === 'running')
  await listAgrees()
  await page.getByRole('row', { name: 'late #4' }).waitFor()
})

inBrowser('a feeder is cut in the page: jobs are capped and paused', async () => {
  await open(page, 'p', 'Power')
  await page.getByRole('link', { name: 'hall1' }).click()
  await page.getByLabel('Megawatts').fill(`${CUT_W / 1e6}`)
  await page.getByLabel('Why, for people').fill(CAUSE)
  await page.keyboard.press('Enter')
  await main().getByText(`hall1 would be limited to ${power(CUT_W)}.`).waitFor()
  assert.equal((await figures()).jobs.capped, 0)
  await button('Set the limit').press('Enter')
  await until('grants are below the cut', async () => (await hall()).grantW <= CUT_W)
  const { limits: [limit] } = await told.get<PowerHistory>('/v1/history?feeder=hall1')
  cut.firstMs = Date.parse((await figures()).at)
  assert.deepEqual([limit!.cause, limit!.watts], [CAUSE, CUT_W])
  await powerAgrees()
  await open(page, 'f', 'Floor')
  await floorAgrees()
  const { capped, paused } = await phasesShown(page)
  assert.deepEqual([capped, paused], [96, 32])
  await main().getByText('2 jobs are capped, 1 paused.').waitFor()
  await listAgrees()
  cut.endMs = Date.parse((await figures()).at)
})

const hall = async (at = '') => (await told.get<{ items: readonly {
  readonly name: string, readonly grantW: number, readonly limitW: number }[] }>(
  `/v1/feeders?within=hall1${at && `&at=${at}`}`)).items.find(({ name }) => name === 'hall1')!

/** What the view of power says of the cut feeder, as the interface has it, now or then. */
async function powerAgrees(at = ''): Promise<void> {
  const { grantW, limitW } = await hall(at)
  assert.equal(limitW, CUT_W)
  await agrees(main(), async () =>
    `hall1 binds: its ${power(limitW)} are granted (${CAUSE}).`)
  await agrees(page.getByRole('list', { name: 'Lines of the chart' }), async () =>
    `Limit ${power(limitW)}`)
  await agrees(page.getByRole('list', { name: 'Lines of the chart' }), async () =>
    `Grant ${power(grantW)}`)
}

inBrowser('the limit is taken back, and all run as before', async () => {
  await open(page, 'p', 'Power')
  await button('Clear …').press('Enter')
  await button('Clear it').press('Enter')
  await open(page, 'f', 'Floor')
  await until('all GPUs run again', async () => (await phasesShown(page)).running === GPUS)
  await floorAgrees()
  assert.equal((await figures()).jobs.capped, 0)
})

inBrowser('the time bar goes back to the cut, with the figures of then', async () => {
  const at = await goBack(page, cut.firstMs, cut.endMs)
  await page.getByRole('contentinfo').getByText('the past').waitFor()
  await floorAgrees(at)
  assert.deepEqual([(await phasesShown(page)).paused, (await figures(at)).jobs.capped], [32, 3])
  await open(page, 'p', 'Power')
  await powerAgrees(at)
  assert.equal(await button('Clear …').count(), 0)
  await listAgrees(at)
  await open(page, 'w', 'What-if')
  await main().getByText('not from now').waitFor()
  await page.getByLabel('Change').selectOption('A job')
  await page.getByLabel('Name or number').fill('2')
  await page.keyboard.press('Enter')
  await main().getByText('go back to now to apply').waitFor()
  const asked = await told.get<Asked>(`/v1/whatif?at=${at}`,
    { changes: ['cancel 2'], forMs: 6 * 3_600_000 })
  await agrees(main(), async () => asked.verdict)
  await button('Back to now').press('Enter')
  await open(page, 'f', 'Floor')
  await floorAgrees()
})

inBrowser('a server that is killed is said to be silent, and for how long', async () => {
  const { port } = new URL(told.url)
  await first.stop('SIGKILL')
  const state = page.getByRole('banner').getByRole('status').filter({ hasText: /./ })
  const age = async () =>
    Number(/No word from the server for (\d+) s/.exec(await state.innerText())?.[1] ?? -1)
  await until('the page says so', async () => await age() >= 1, 20_000)
  const then = await age()
  await until('it says how old its data are', async () => await age() > then + 1)
  server = await up([file, ...WORDS, '--port', port], first.state)
  assert.equal(server.url, told.url)
})

inBrowser('when it is back the page goes on by itself', async () => {
  await page.getByRole('banner').getByText('up to date').waitFor()
  await floorAgrees()
  assert.equal((await phasesShown(page)).running, GPUS)
  await listAgrees()
  assert.deepEqual(problems, [])
})

/** Views: letter, name, what is there when all is, and what those see who may do something. */
const VIEWS = [
  ['f', 'Floor', 'As a table', undefined],
  ['p', 'Power', 'Limits, budgets and events', 'See what it would do'],
  ['w', 'What-if', 'As it is', 'Apply …'],
  ['q', 'Queue', 'What would start it now', 'Submit a job'],
  ['a', 'Ahead', 'As a table', undefined],
  ['j', 'Job', 'What was decided', 'Cancel …'],
  ['h', 'Health', 'Invariants', undefined],
] as const

inBrowser('a viewer sees no button that would be refused', async () => {
  await submit(page, { name: 'last', gpus: 64, time: '1d', least: 0 })
  await button(/^(Stop|Cancel) .* …$/).first().waitFor()
  const [made] = await batch(folder, [
    ['token', 'create', 'looker', '--role', 'viewer', '--state', first.state]])
  const viewer = await newPage(page.context().browser()!, problems)
  const refused: string[] = []
  viewer.on('response', (response) => {
    if (response.status() === 403) refused.push(response.url())
  })
  const where = `${told.url}/?job=5&changes=hold+5`
  await signIn(viewer, where, /mr_[\w-]+/.exec(made!.stdout)![0])
  await viewer.getByRole('navigation', { name: 'Views' }).waitFor()
  for (const [letter, view, there, act] of VIEWS) {
    await page.goto(`${where}&view=${view.toLowerCase()}`)
    if (act !== undefined) await button(act).waitFor()
    // What was clicked before may have led elsewhere.
    await viewer.goto(where)
    await viewer.getByRole('navigation', { name: 'Views' }).waitFor()
    await open(viewer, letter, view)
    const shown = viewer.getByRole('main')
    await shown.getByText(there).first().waitFor()
    if (act !== undefined) assert.equal(await shown.getByRole('button', { name: act }).count(), 0)
    for (const name of new Set(await shown.getByRole('button').allInnerTexts())) {
      assert.doesNotMatch(name, / …$/, `${view}: ${name} asks for something`)
      const one = shown.getByRole('button').filter({ hasText: name }).first()
      if (await one.isVisible() && await one.isEnabled()) await one.click()
    }
    await viewer.keyboard.press('Escape')
  }
  assert.deepEqual(refused, [])
})
