// Shows what each field of SWF means for a job, on single rows with one field changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { benchOf, textOf } from '../../test/suites/trace.suite.ts'
import { PLAIN_ARRIVAL } from '../model/arrival.ts'
import { readTrace } from './read.ts'
import { swf } from './swf.ts'

const { read, refuse } = benchOf(swf)

/** A row of a completed job with some fields changed; fields count from 1 as in the standard. */
function row(changes: Readonly<Record<number, number | string>> = {}): string {
  const fields: (number | string)[] =
    [7, 100, 5, 3600, 4, 3500.5, 2048, 8, 7200, 4096, 1, 3, 2, 9, 1, 1, -1, -1]
  for (const [field, value] of Object.entries(changes)) fields[Number(field) - 1] = value
  return `${fields.join('  ')}\n`
}

test('a row becomes a job of its allocated processors', async () => {
  const { jobs } = await read(`; comment\n\n\t${row()}`)
  assert.deepEqual([...jobs], [{
    id: '7', submitAtMs: 100000, gpus: 4, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0,
    limitMs: 7200000, queue: '', device: '', level: '', priority: 0, ...PLAIN_ARRIVAL,
    workMs: 3600000,
    checkpointEveryMs: 0, checkpointStallMs: -1, outcome: 'completed', workload: '',
  }])
})

test('the requested processors count where the allocated are unknown', async () => {
  const { jobs } = await read(row({ 5: -1, 9: -1 }))
  assert.equal(jobs.at(0).gpus, 8)
  assert.equal(jobs.at(0).limitMs, 0)
})

test('memory for each processor is memory on the node only for one processor', async () => {
  assert.equal((await read(row({ 5: 1, 10: 2097152 }))).jobs.at(0).memoryPerNodeGiB, 2)
  assert.equal((await read(row({ 5: 2, 10: 2097152 }))).jobs.at(0).memoryPerNodeGiB, 0)
})

test('a job waits for the end of the job that precedes it', async () => {
  const { jobs } = await read([1, 2, 3, 4].map((job) =>
    row({ 1: job, 17: [-1, 1, 3, 9][job - 1]!, 18: 60 })).join(''))
  assert.deepEqual(Array.from(jobs, (job) => job.after), ['', 'afterany:1', '', ''])
  assert.deepEqual([...(await read(textOf(swf, [...jobs]))).jobs].map((job) => job.after),
    ['', 'afterany:1', '', ''])
})

test('the status says how a job ends', async () => {
  const outcomes = []
  for (const status of [0, 1, 5, -1]) {
    outcomes.push((await read(row({ 11: status }))).jobs.at(0).outcome)
  }
  assert.deepEqual(outcomes, ['failed', 'completed', 'cancelled', 'completed'])
})

test('rows that are no job to run are counted by cause', async () => {
  const { jobs, skipped } = await read([
    row({ 1: 1 }),
    row({ 1: 1, 2: -1, 11: 2 }), row({ 1: 1, 2: -1, 11: 3 }), row({ 1: 1, 2: -1, 11: 4 }),
    row({ 4: -1, 5: -1, 11: 5 }), row({ 5: 0, 11: 5 }),
    row({ 4: -1 }), row({ 4: 0 }),
    row({ 5: -1, 8: -1 }), row({ 5: 0, 8: 0 }),
  ].join(''))
  assert.equal(jobs.length, 1)
  assert.deepEqual(skipped, [
    { cause: 'part of a job listed as a whole', count: 3, firstLine: 2 },
    { cause: 'cancelled before it started', count: 2, firstLine: 5 },
    { cause: 'run time unknown', count: 1, firstLine: 7 },
    { cause: 'ran for 0 s', count: 1, firstLine: 8 },
    { cause: 'asks for no GPU', count: 2, firstLine: 9 },
  ])
})

test('every field is checked, also those that no job has', async () => {
  for (let field = 1; field <= 18; field++) {
    for (const value of ['x', '-2', '1e400']) {
      const message = await refuse(row({ [field]: value }))
      assert.match(message, new RegExp(`^1: field ${field} \\(.*"${value}"; `), message)
    }
  }
  for (const field of [1, 5, 8, 11, 12, 13, 14, 15, 16, 17]) {
    assert.match(await refuse(row({ [field]: '1.5' })), /whole number/)
  }
  assert.match(await refuse(row({ 11: 6 })), /status\) is "6"; write -1 or 0 to 5/)
  assert.match(await refuse(row({ 2: -1 })), /submit time\) is "-1"; a time cannot be negative/)
  assert.match(await refuse(row().replace('100', '')), /has 17 fields, SWF has 18/)
  assert.match(await refuse(`${row().trimEnd()} 1`), /has 19 fields, SWF has 18/)
})

test('the cut-out of the W1 list reads as it is', async () => {
  const { jobs } = await readTrace('swf', 'test/fixtures/traces/w1-60.swf')
  assert.equal(jobs.length, 60)
  assert.deepEqual([jobs.at(2).submitAtMs, jobs.at(2).gpus, jobs.at(2).workMs], [8000, 16, 4432000])
})
