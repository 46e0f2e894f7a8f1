// A run of the twin through the command line: what it prints, the files it leaves, whether they
// agree with one another, and whether its journal gives the same state again.
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { toHours } from '../../src/base/units.ts'
import type { Summary } from '../../src/run/summary.ts'
import { batch, BIN, millrace, newFolder, ROOT, shell } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

const W1 = [
  'twin', join(ROOT, 'examples/w1/factory-128.yaml'),
  '--trace', `swf:${join(ROOT, 'examples/traces/w1_128_5000.swf.gz')}`,
]

/** Fails often, and its limit binds: seeds show, and so do restarts and waits. */
const FRAIL = `name: frail
sites:
  - name: here
    limit: 170 kW
    racks:
      - system: dgx-h100
        count: 4
failures: { classes: { host: { mtbf: 60h }, link: { mtbf: 80h } } }
`
const JOBS = ['submit,gpus,duration', ...Array.from({ length: 60 }, (_, at) => (
  `${at * 600},${[8, 96, 4, 24, 64, 1][at % 6]},${[4000, 9000, 1500][at % 3]}`))].join('\n')

const frail = (...more: string[]) =>
  ['twin', 'frail.yaml', '--trace', 'csv:jobs.csv', '--backfill', 'easy', '--json', ...more]

before(() => {
  writeFileSync(join(folder, 'frail.yaml'), FRAIL)
  writeFileSync(join(folder, 'jobs.csv'), JOBS)
})

const keysOf = (value: object) => Object.keys(value).toSorted()

describe('a run on W1-128', { concurrency: 2 }, () => {
  test('prints one object with every key that a comparison needs', async () => {
    const { code, stdout, stderr } = await millrace(folder, ...W1, '--json')
    equal(code, 0)
    equal(stderr, '')
    equal(stdout.split('\n').length, 2)
    const summary = JSON.parse(stdout) as Summary
    const spread = ['mean', 'p50', 'p90', 'p99']
    const keys = [
      'gpus', 'nodes', 'jobs', 'gpuHours', 'utilizationRatio', 'goodputRatio', 'waitMs', 'jctMs',
      'makespanMs', 'energyMWh', 'peakDrawW', 'failures', 'preemptions', 'events', 'eventCount',
      'decisions', 'invariantsBroken', 'stateHash', 'journalHash', 'cpuMs', 'wallMs',
      'peakRssBytes',
    ]
    const among = (names: string[], value: object) =>
      deepEqual(names.filter((name) => !Object.hasOwn(value, name)), [])
    among(keys, summary)
    among(['submitted', 'started', 'completed', 'failed', 'refused', 'waiting'], summary.jobs)
    among(['capacity', 'allocated', 'useful'], summary.gpuHours)
    deepEqual(keysOf(summary.waitMs), spread)
    deepEqual(keysOf(summary.jctMs), spread)
    // The README of the traces: two other simulators of strict FIFO gave these means.
    equal(Math.round(summary.waitMs.mean * 10) / 1e4, 7749.2184)
    equal(Math.round(summary.jctMs.mean * 10) / 1e4, 11381.4938)
    equal(summary.jobs.completed, 5000)
    equal(summary.invariantsBroken, 0)
  })

  test('runs from any folder and through a link, for people', async () => {
    symlinkSync(BIN, join(folder, 'linked'))
    const { code, stdout } = await shell(folder, `'${process.execPath}' ./linked twin `
      + `"${W1[1]}" --trace "${W1[3]}" --until 2h`)
    equal(code, 0)
    match(stdout, /every\s+invariant\s+held/)
    match(stdout, /state [0-9a-f]{16} {2}journal\s+[0-9a-f]{64}/)
  })
})

describe('a run with failures', () => {
  const out = join(folder, 'deep/out')
  let summary: Summary

  before(async () => {
    const { code, stdout, stderr } = await millrace(folder, ...frail('--out', 'deep/out'))
    equal(`${code} ${stderr}`, '0 ')
    summary = JSON.parse(stdout) as Summary
  })

  test('the same seed gives the same hashes, another seed others', async () => {
    const [same, other] = await batch(folder, [frail(), frail('--seed', '2')])
    const hashes = (text: string) => {
      const { stateHash, journalHash } = JSON.parse(text) as Summary
      return [stateHash, journalHash]
    }
    const first = [summary.stateHash, summary.journalHash]
    deepEqual(hashes(same!.stdout), first)
    notEqual(hashes(other!.stdout)[0], first[0])
    notEqual(hashes(other!.stdout)[1], first[1])
    ok(summary.failures > 0 && summary.restarts > 0)
  })

  test('leaves the five files and nothing else', () => {
    deepEqual(readdirSync(out).toSorted(),
      ['jobs.csv', 'journal.mrj', 'power.csv', 'report.html', 'summary.json'])
    deepEqual(readdirSync(join(folder, 'deep')), ['out'])
    deepEqual(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')), summary)
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    match(page, /^<!doctype html>/i)
    ok(page.includes(summary.stateHash) && page.includes(summary.journalHash))
  })

  test('jobs.csv has the documented columns, and its rows sum to the summary', () => {
    const { columns, rows } = table(join(out, 'jobs.csv'))
    deepEqual(columns, documented('jobs.csv'))
    const { jobs, gpuHours, waitMs, restarts } = summary
    const count = (outcome: string) => rows.filter((row) => row['outcome'] === outcome).length
    equal(rows.length, jobs.submitted)
    for (const outcome of ['completed', 'failed', 'cancelled', 'refused', 'running', 'waiting']) {
      equal(count(outcome), jobs[outcome as keyof typeof jobs], outcome)
    }
    const waits = rows.flatMap((row) => row['wait_s'] === '' ? [] : [Number(row['wait_s'])])
    equal(waits.length, jobs.started)
    near(sum(waits) / waits.length, waitMs.mean / 1000, 0.001)
    equal(sum(rows.map((row) => Number(row['restarts']))), restarts)
    near(sum(rows.map((row) => Number(row['gpu_hours']))), gpuHours.allocated, 0.001 * rows.length)
  })

  test('power.csv has the documented columns, and its rows sum to the summary', () => {
    const { columns, rows } = table(join(out, 'power.csv'))
    // The columns of supplies are there only where a site names some.
    deepEqual(columns, documented('power.csv').slice(0, columns.length))
    equal(columns.at(-1), 'limit_w')
    const { horizonMs, gpuHours, energyMWh, peakDrawW, limitW } = summary
    const starts = rows.map((row) => Number(row['at_s']) * 1000)
    const spans = starts.map((atMs, row) => (starts[row + 1] ?? horizonMs) - atMs)
    equal(starts[0], 0)
    equal(sum(spans), horizonMs)
    const integral = (column: string) =>
      toHours(sum(rows.map((row, at) => Number(row[column]) * spans[at]!)))
    const slack = toHours(horizonMs) * 0.001
    near(integral('gpus_busy'), gpuHours.allocated, slack)
    near(integral('gpus_up'), gpuHours.capacity - gpuHours.down, slack)
    near(integral('draw_w') / 1e6, energyMWh, slack)
    near(Math.max(...rows.map((row) => Number(row['peak_draw_w']))), peakDrawW, 0.001)
    for (const row of rows) {
      equal(Number(row['limit_w']), limitW)
      ok(Number(row['grant_w']) <= limitW)
    }
  })

  test('its journal gives the same state, decides the same, and prints as JSON lines', async () => {
    const journal = 'deep/out/journal.mrj'
    const [plain, verified, lines, few] = await batch(folder, [
      ['replay', journal, '--json'], ['replay', journal, '--verify'], ['journal', journal],
      ['journal', journal, '--limit', '3'],
    ])
    const { stateHash, journalHash, eventCount: events } = summary
    const { same, ...replayed } = JSON.parse(plain!.stdout) as Record<string, unknown>
    equal(same, true)
    deepEqual(replayed, {
      events, atMs: summary.horizonMs, stateHash, expectedHash: stateHash, journalHash,
      verified: false,
    })
    equal(verified!.code, 0)
    match(verified!.stdout, /The policies decided the same\./)
    const all = lines!.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as object)
    deepEqual(all.at(-1), { atMs: summary.horizonMs, type: 'end', stateHash, events })
    deepEqual(few!.stdout, lines!.stdout.split('\n').slice(0, 4).join('\n') + '\n')
  })

  test('--force replaces the output of a run, and leaves nothing beside it', async () => {
    const [again] = await batch(folder, [frail('--seed', '3', '--force', '--out', 'deep/out')])
    equal(again!.code, 0)
    deepEqual(readdirSync(join(folder, 'deep')), ['out'])
    equal(readFileSync(join(out, 'summary.json'), 'utf8').includes('"seed": 3'), true)
  })
})

test('accounting of Slurm runs on the queues that the factory has', async () => {
  writeFileSync(join(folder, 'own.yaml'), `name: own
sites: [{ name: here, racks: [{ system: dgx-h100, count: 4 }] }]
queues: [{ name: default }, { name: train }]
failures: none
`)
  const { code, stdout, stderr } = await millrace(folder, 'twin', 'own.yaml', '--json',
    '--trace', `sacct:${join(ROOT, 'test/fixtures/traces/sacct-20.txt')}`)
  equal(code, 0, stderr)
  const { jobs, traces } = JSON.parse(stdout) as Summary
  deepEqual([jobs.submitted, jobs.completed, jobs.failed, jobs.cancelled], [9, 3, 4, 2])
  deepEqual(traces[0]!.moved, [{ queue: 'cpu', count: 1 }, { queue: 'short', count: 1 }])
})

test('shows factories and the catalogue', async () => {
  const two = join(ROOT, 'examples/two-sites/factory.yaml')
  const all = await batch(folder, [
    ['factory', 'check', two], ['factory', 'show', two], ['catalog', 'list'],
    ['catalog', 'show', 'h100'], ['catalog', 'show', 'H100', '--json'],
  ])
  for (const { code, stderr } of all) equal(`${code} ${stderr}`, '0 ')
  const [check, show, list, entry, rows] = all.map((each) => each.stdout)
  match(check!, /: sound\. [\d,]+ GPUs in [\d,]+ nodes, [\d,]+ racks and 2 sites\.\n$/)
  for (const name of ['north', 'south', 'transformer1', 'busway-a']) ok(show!.includes(name), name)
  ok(list!.split('\n').includes('dgx-h100') && list!.split('\n').includes('H100'))
  match(entry!, /^H100\n.* ratedW +700 {2}datasheet: /s)
  for (const row of JSON.parse(rows!) as object[]) {
    deepEqual(keysOf(row), ['evidence', 'key', 'of', 'source', 'value'])
  }
})

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function near(found: number, expected: number, slack: number): void {
  ok(Math.abs(found - expected) <= slack, `${found} is within ${slack} of ${expected}`)
}

/** Our own files here have no quoted fields. */
function table(path: string): { columns: string[], rows: Record<string, string>[] } {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const columns = head!.split(',')
  const rows = lines.map((line) => line.split(',')).map((fields) => {
    equal(fields.length, columns.length)
    return Object.fromEntries(columns.map((column, at) => [column, fields[at]!]))
  })
  return { columns, rows }
}

/** The columns that docs/outputs.md lists for a file. */
function documented(file: string): string[] {
  const text = readFileSync(join(ROOT, 'docs/outputs.md'), 'utf8')
  const part = text.slice(text.indexOf(`### ${file}`)).split(/\n##/, 2).join('\n')
  const first = part.split(/\n#+ /)[0]!
  return [...first.matchAll(/^\| (`.*?`) \|/gm)].flatMap((each) =>
    each[1]!.split(', ').map((name) => name.replaceAll('`', '')))
}
