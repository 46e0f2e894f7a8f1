// This machine in the page: `millrace up` without a file, in Chromium. A command line is submitted
// and its log followed from the first line while it writes; a factory in which nothing happens is
// not taken for a server that is silent.
import assert from 'node:assert/strict'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Job } from '../../src/api/client.ts'
import { newFolder } from '../cli/command.ts'
import { up } from '../cli/server.ts'
import { launch, newPage, skip } from './browser.ts'
import { until } from './factory.ts'
import { open, signIn, Told } from './person.ts'

const { page, folder, told, problems } = skip === false ? await setUp() : {} as Ready

type Ready = Awaited<ReturnType<typeof setUp>>

async function setUp() {
  const made = newFolder()
  const server = await up([])
  const browser = await launch()
  after(async () => {
    await browser.close()
    await server.stop()
    rmSync(server.folder, { recursive: true, force: true })
    made.remove()
  })
  const token = /Admin token, shown this once: (\S+)/.exec(server.printed())![1]!
  const wrong: string[] = []
  return { page: await newPage(browser, wrong), folder: made.folder, problems: wrong,
    told: new Told(server.url, token) }
}

void test('a command line is submitted, its log is followed', { skip }, async () => {
  await signIn(page, told.url, told.token)
  await page.getByText('LIVE').waitFor()
  await open(page, 'q', 'Queue')
  await page.getByRole('button', { name: 'Submit a job' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Submit a job' })
  await form.getByLabel('Cores').fill('1')
  const go = join(folder, 'go')
  await form.getByLabel('Command').fill(
    `echo 'one  two'; touch '${go}.up'; while [ ! -e '${go}' ]; do sleep 0.05; done; echo three`)
  await page.keyboard.press('Enter')
  await form.getByText('It would start at once.').waitFor()
  await page.keyboard.press('Enter')
  await form.waitFor({ state: 'hidden' })
  await open(page, 'j', 'Job')
  const log = page.getByLabel('Log', { exact: true })
  await until('the first line is there', async () => await log.innerText() === 'one  two\n')
  assert.ok(existsSync(`${go}.up`))
  writeFileSync(go, '')
  await until('the last line too', async () => await log.innerText() === 'one  two\nthree\n')
  await page.getByText('The job has ended; this is the end of it.').waitFor()
  await page.getByRole('main').getByText('completed').waitFor()
  assert.equal((await told.get<Job>('/v1/jobs/1')).outcome, 'completed')
})

void test('where nothing happens the page is up to date', { skip }, async () => {
  const clock = () => page.getByRole('contentinfo').innerText()
  const fresh = page.getByRole('banner').getByRole('status').filter({ hasText: 'up to date' })
  for (let second = 0; second < 6; second++) {
    const before = await clock()
    await until('the clock goes on', async () => await clock() !== before, 3000)
    assert.equal(await fresh.count(), 1)
  }
  // Until the job has written there is no log to be found.
  assert.deepEqual(problems.filter((text) => !text.includes('404')), [])
})
