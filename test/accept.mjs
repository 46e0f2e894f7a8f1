// `npm run accept`: the long checks, one after another, and a table of how they went.
// `--only NAME` runs one of them.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CHECKS = [
  { name: 'test', title: 'types, lint and all tests', command: ['npm', 'test'] },
  {
    name: 'swarm',
    title: 'random factories, loads and faults for 600 s',
    command: ['node', 'test/swarm/main.ts', '--seconds', '600'],
  },
  {
    name: 'why',
    title: 'why jobs wait, in 10,000 random states',
    command: ['node', 'test/why/main.ts', '--states', '10000'],
  },
  {
    name: 'contract',
    title: 'a year of ERCOT and TVA with an interruptible contract, and the speed of supplies',
    command: ['node', 'test/contract/main.ts'],
  },
  {
    name: 'power',
    title: 'caps against HiGHS on 3,000 random trees, and a curtailment',
    command: ['node', 'test/power/main.ts', '--cases', '3000'],
  },
  {
    name: 'phoenix',
    title: 'the event of Phoenix in six cases, ten seeds each',
    command: ['node', 'test/phoenix/main.ts', '--seeds', '10'],
  },
  {
    name: 'web',
    title: 'the page in Chromium, an hour of its stream',
    command: ['node', '--test', 'test/web/cost.test.ts', 'test/web/views.test.ts',
      'test/web/story.test.ts'],
    environment: { CI: 'true', MILLRACE_WEB_SECONDS: '3600' },
  },
  {
    name: 'bench',
    title: 'the goals of speed at 1,000,000 GPUs',
    command: ['node', 'bench/main.ts'],
  },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
process.chdir(root)
await main(process.argv.slice(2))

async function main(parameters) {
  const only = parameters[0] === '--only' ? parameters[1] : undefined
  const checks = CHECKS.filter(({ name }) => only === undefined || name === only)
  if (checks.length === 0 || (parameters.length > 0 && only === undefined)) {
    const names = CHECKS.map(({ name }) => name).join(', ')
    console.error(`Usage: npm run accept [-- --only NAME], with NAME one of ${names}`)
    process.exitCode = 2
    return
  }
  const results = []
  for (const check of checks) {
    console.log(`\n== ${check.name}: ${check.title}\n$ ${check.command.join(' ')}`)
    results.push(await perform(check))
  }
  print(results)
  process.exitCode = results.every(({ result }) => result === 'passed') ? 0 : 1
}

async function perform({ name, title, command, environment }) {
  const script = command.find((word) => word.endsWith('.ts'))
  const startMs = performance.now()
  const code = script !== undefined && !existsSync(script) ? `no ${script}` : await run(command, environment)
  const seconds = Math.round((performance.now() - startMs) / 1000)
  return { name, title, result: code === 0 ? 'passed' : `failed (${code})`, seconds }
}

function run([name, ...parameters], environment = {}) {
  // Node 24 comes first, whichever Node started this.
  const folders = existsSync(join(bin, 'node')) ? [bin] : [dirname(process.execPath), bin]
  const path = [...folders, process.env.PATH].join(delimiter)
  const env = { ...process.env, ...environment, PATH: path }
  const child = spawn(name, parameters, { stdio: 'inherit', env })
  return new Promise((done) => {
    child.on('error', (error) => done(error.message))
    child.on('exit', (code, signal) => done(code ?? signal))
  })
}

function print(results) {
  const rows = results.map(({ name, title, result, seconds }) => (
    [name, result, `${seconds} s`, title]))
  rows.unshift(['check', 'result', 'time', 'what'])
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  console.log()
  for (const row of rows) {
    console.log(row.map((text, i) => text.padEnd(widths[i])).join('  ').trimEnd())
  }
}
