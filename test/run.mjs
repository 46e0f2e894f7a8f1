// `npm test`: types, lint, then every test, tidy first. The last line is "N passed, N failed".
// Arguments are paths: `npm test -- src/core` runs what lies below them.
// Plain JavaScript, so that it can say what is missing on any Node.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
/** One file may take this long; a test that hangs must not hang the build. */
const FILE_LIMIT_MS = 600_000
const ORDER = ['test/tidy', 'src/base', 'src/model', 'src/catalog', 'src/core', 'src/policies',
  'src/journal', 'src/traces', 'src/engines', 'src/run', 'src/cli', 'src', 'test']

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const isStrict = /^(1|true)$/i.test(process.env.CI ?? '')
const count = { passed: 0, failed: 0, skipped: 0 }
const failures = []

await main()

async function main() {
  if (!existsSync(join(bin, 'tsc'))) {
    return stop('node_modules is not installed; run `npm ci` first')
  }
  if (Number(process.versions.node.split('.')[0]) < NEEDED) return relaunch()
  process.chdir(root)
  process.env.PATH = `${bin}${delimiter}${process.env.PATH ?? ''}`
  const folders = ['src', 'test', 'bench', 'bin', 'web'].filter((folder) => existsSync(folder))
  await command('types', 'tsc', ['--noEmit'])
  await command('types of the page', 'tsc', ['--noEmit', '-p', 'web'])
  await command('lint', 'oxlint', ['--deny-warnings', ...folders])
  const files = testFiles(process.argv.slice(2))
  if (files.length === 0) fail(`no test file lies below ${process.argv.slice(2).join(' ')}`)
  else await runFiles(files)
  finish()
}

/** The Node that npm installed beside the project, where one is. */
async function relaunch() {
  const node = join(bin, 'node')
  if (process.env.MILLRACE_RELAUNCHED !== undefined || !existsSync(node)) {
    return stop(`Node ${NEEDED} or newer is needed and this is ${process.versions.node}; ` +
      'run `npm ci` then `npm test`, which bring it on Linux, or install it')
  }
  const env = { ...process.env, MILLRACE_RELAUNCHED: '1' }
  process.exitCode = await exitOf(spawn(node, process.argv.slice(1), { stdio: 'inherit', env }))
}

async function command(title, name, parameters) {
  const startMs = performance.now()
  const child = spawn(join(bin, name), parameters, { stdio: 'inherit' })
  const code = await exitOf(child)
  if (code === 0) {
    count.passed++
    line('ok', title, [name], performance.now() - startMs)
  } else fail(`${title}: ${name} ${parameters.join(' ')} ended with ${code}`)
}

function exitOf(child) {
  return new Promise((done) => {
    child.on('error', (error) => done(error.message))
    child.on('exit', (code, signal) => done(code ?? signal))
  })
}

/** The lower layers first: what is wrong there shows everywhere. */
function testFiles(filters) {
  const found = ['src', 'test', 'web'].flatMap((folder) => {
    const names = existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
    return names.map((name) => join(folder, name))
  }).filter((file) => file.endsWith('.test.ts'))
  const wanted = filters.map((filter) => relative(root, resolve(root, filter)))
  const files = found.filter((file) => wanted.length === 0 || wanted.some((path) => (
    file === path || file.startsWith(`${path}/`) || file.startsWith(`${path}.`))))
  const rank = (file) => ORDER.findIndex((folder) => file.startsWith(folder))
  return files.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

async function runFiles(files) {
  const events = run({
    files: files.map((file) => join(root, file)),
    concurrency: availableParallelism(),
    isolation: 'process',
    timeout: FILE_LIMIT_MS,
  })
  /** For each file and depth, how many tests below have been seen since its last parent. */
  const below = new Map()
  for await (const { type, data } of events) {
    if (type === 'test:pass' || type === 'test:fail') onResult(type, data, below)
    else if (type === 'test:stdout') process.stdout.write(data.message)
    else if (type === 'test:stderr') process.stderr.write(data.message)
    else if (type === 'test:summary' && data.file !== undefined) onFile(data)
  }
}

/** Counts leaves: a suite, or a test with tests inside, is the sum of them. */
function onResult(type, data, below) {
  const depths = below.get(data.file) ?? []
  below.set(data.file, depths)
  const children = depths[data.nesting + 1] ?? 0
  depths[data.nesting + 1] = 0
  depths[data.nesting] = (depths[data.nesting] ?? 0) + 1
  const file = relative(root, data.file ?? '')
  const isFile = data.nesting === 0 && data.name === data.file
  const title = isFile ? file : `${file}:${data.line} ${data.name}`
  const error = data.details.error
  if (type === 'test:fail') {
    if (error?.failureType !== 'subtestsFailed') fail(title, isFile ? undefined : error)
  } else if (isFile) fail(`${file} holds no test`)
  else if (data.skip !== undefined || data.todo !== undefined) onSkip(title, data)
  else if (children === 0 && data.details.type !== 'suite') count.passed++
}

function onSkip(title, { skip, todo }) {
  const reason = [skip, todo].find((text) => typeof text === 'string') ?? 'no reason given'
  const text = `${title} is ${skip === undefined ? 'todo' : 'skipped'}: ${reason}`
  if (isStrict) fail(text)
  else {
    count.skipped++
    console.log(`  --  ${text}`)
  }
}

function onFile({ file, counts, success, duration_ms: ms }) {
  const parts = [`${counts.passed} passed`]
  if (counts.failed > 0) parts.push(`${counts.failed} failed`)
  line(success ? 'ok' : 'not ok', relative(root, file), parts, ms)
}

function line(result, title, parts, ms) {
  console.log(`${result.padStart(6)}  ${title}  (${[...parts, `${Math.round(ms)} ms`].join(', ')})`)
}

function fail(title, error) {
  count.failed++
  failures.push(title)
  console.log(`not ok  ${title}`)
  if (error !== undefined) console.log(describe(error).replace(/^/gm, '        '))
}

/** The message with its difference, and the stack as far as it is ours. */
function describe(error) {
  const cause = error.cause instanceof Error ? error.cause : error
  const text = typeof error.cause === 'string' ? error.cause : (cause.stack ?? cause.message)
  return text.split('\n').filter((row) => !/^\s+at .*\(?node:/.test(row)).join('\n')
}

function finish() {
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((it) => `  ${it}`).join('\n')}`)
  if (count.skipped > 0) console.log(`\n${count.skipped} skipped (a failure where CI=true)`)
  console.log(`\n${count.passed} passed, ${count.failed} failed`)
  process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0
}

function stop(sentence) {
  console.log(`${sentence}\n\n0 passed, 1 failed`)
  process.exitCode = 1
}
