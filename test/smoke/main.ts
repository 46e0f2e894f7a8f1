// Does what the first minute with Millrace does: `npm start`, here into a folder of its own, and
// looks at what it left. Prints "N passed, N failed"; .ci/run starts it after the tests.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the README promises on a machine of two cores, and what a slow or busy one may take. */
const GOAL_S = 60
const LIMIT_S = 120

/** So that a run for a look does not fill a disk. */
const MOST_BYTES = 200e6

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'millrace-smoke-'))
const count = { passed: 0, failed: 0 }

try {
  run(join(folder, 'out'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed > 0 ? 1 : 0

function run(out: string): void {
  const startedMs = performance.now()
  const { status, signal, stdout, stderr } = spawnSync('npm', ['start', '--', '--out', out], {
    cwd: ROOT, encoding: 'utf8', timeout: 2 * LIMIT_S * 1000,
  })
  const seconds = (performance.now() - startedMs) / 1000
  check('npm start ends with 0', status === 0, `${status ?? signal}\n${stdout}${stderr}`)
  check(`it takes less than ${LIMIT_S} s`, seconds < LIMIT_S, `${seconds.toFixed(1)} s`)
  console.log(`    it took ${seconds.toFixed(1)} s; the goal is ${GOAL_S} s on an idle machine`)
  check('it says where the report is', /^Report: .*report\.html$/m.test(stdout), stdout)
  const files = existsSync(out) ? readdirSync(out) : []
  const bytes = files.reduce((sum, name) => sum + statSync(join(out, name)).size, 0)
  check('it leaves less than 200 MB', bytes < MOST_BYTES, `${bytes} bytes`)
  for (const name of ['report.html', 'summary.json', 'jobs.csv', 'power.csv', 'journal.mrj']) {
    check(`it leaves ${name}`, files.includes(name), files.join(', '))
  }
  if (files.includes('summary.json')) checkSummary(readFileSync(join(out, 'summary.json'), 'utf8'))
}

function checkSummary(text: string): void {
  const { invariantsBroken, jobs, utilizationRatio } = JSON.parse(text) as {
    invariantsBroken: number, jobs: { completed: number }, utilizationRatio: number
  }
  check('no invariant is broken', invariantsBroken === 0, `${invariantsBroken}`)
  check('the factory worked', jobs.completed > 1000 && utilizationRatio > 0.1,
    `${jobs.completed} jobs done, ${utilizationRatio} of the capacity used`)
}

function check(title: string, isRight: boolean, found: string): void {
  if (isRight) count.passed++
  else count.failed++
  console.log(isRight ? `ok      ${title}` : `not ok  ${title}: ${found}`)
}
