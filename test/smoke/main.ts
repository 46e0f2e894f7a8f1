// Does what the first minute with Millrace does: `npm start`, here in a state folder of its own,
// asks it for what it runs, lets a real job run to its end, and stops it. Prints "N passed, N
// failed"; .ci/run starts it after the tests.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the README promises on a machine of two cores, and what a slow or busy one may take. */
const GOAL_S = 15
const LIMIT_S = 60

const ROOT = join(import.meta.dirname, '../..')
const BIN = join(ROOT, 'bin/millrace.mjs')
const folder = mkdtempSync(join(tmpdir(), 'millrace-smoke-'))
const state = join(folder, 'state')
const count = { passed: 0, failed: 0 }

try {
  await run()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed > 0 ? 1 : 0

async function run(): Promise<void> {
  const startedMs = performance.now()
  const child = spawn('npm', ['start', '--', '--state', state, '--port', '0'], { cwd: ROOT })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => { text += part })
  child.stderr.setEncoding('utf8').on('data', (part: string) => { text += part })
  const ended = new Promise<number | null>((done) => { child.on('close', done) })
  const seconds = () => (performance.now() - startedMs) / 1000
  while (!text.includes('Ctrl-C stops it') && child.exitCode === null && seconds() < LIMIT_S) {
    await new Promise((look) => { setTimeout(look, 50) })
  }
  check(`npm start is up within ${LIMIT_S} s`, text.includes('Ctrl-C stops it'), text)
  console.log(`    it took ${seconds().toFixed(1)} s; the goal is ${GOAL_S} s on an idle machine`)
  check('it says where it is and what to try', /at http:\S+\n[^]*npx millrace top/.test(text), text)
  const factories = millrace('factories')
  check('it runs a giant factory on the twin', /^colossus +twin +1,440 .*230,000/m.test(factories),
    factories)
  check('it runs this machine', /^here \* +local/m.test(factories), factories)
  millrace('submit', '--cpus', '1', '--name', 'hello', '--', 'sh', '-c', 'echo hello; sleep 1')
  const log = millrace('logs', '-f', 'hello')
  check('a real job runs to its end', log.startsWith('hello\n'), log)
  const top = millrace('top', '--factory', 'colossus')
  check('its power is shown', /^Power .* of 397 MW granted/m.test(top), top)
  process.kill(pidOf(), 'SIGTERM')
  check('it stops with 0', await ended === 0, text)
}

/** The server's own: npm is only what started it. */
function pidOf(): number {
  return (JSON.parse(readFileSync(join(state, 'server.json'), 'utf8')) as { pid: number }).pid
}

function millrace(name: string, ...words: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [BIN, name, '--state', state, ...words],
    { encoding: 'utf8', timeout: LIMIT_S * 1000 })
  return stdout + stderr
}

function check(title: string, isRight: boolean, found: string): void {
  if (isRight) count.passed++
  else count.failed++
  console.log(isRight ? `ok      ${title}` : `not ok  ${title}: ${found}`)
}
