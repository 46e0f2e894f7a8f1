// Shows that jobs come out of the columns as they went in, whatever their ids, in many pieces.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { TraceJob } from '../model/arrival.ts'
import { plainJob } from '../../test/plain-job.ts'
import { JobColumns } from './jobs.ts'

const id = fc.oneof(
  fc.constantFrom('0', '00', '007', '-1', '1e3', '1.5', '999999999999999', '9999999999999999', '٣'),
  fc.nat().map(String), fc.string({ maxLength: 9 }))
const word = fc.constantFrom('', 'a', 'b', 'constructor', '__proto__')
const jobs: fc.Arbitrary<TraceJob[]> = fc.array(fc.record({
  id, queue: word, device: word, level: word, workload: word,
  submitAtMs: fc.nat(1e12), workMs: fc.nat(1e12), limitMs: fc.nat(1e12),
  gpus: fc.nat(), nodes: fc.nat(), cpusPerNode: fc.nat(),
  priority: fc.integer({ min: -2147483647 }),
  leastNodes: fc.nat(2), leastRunMs: fc.constantFrom(0, 5), deadlineAtMs: fc.constantFrom(0, 9),
  isHero: fc.boolean(), array: word, after: word, speeds: word,
  class: word, leastSpeed: fc.constantFrom(0, 0.5), worth: fc.constantFrom(1, 2),
  memoryPerNodeGiB: fc.double({ min: 0, max: 1e9, noNaN: true }),
  checkpointEveryMs: fc.nat(1e12), checkpointStallMs: fc.integer({ min: -1, max: 1e12 }),
  outcome: fc.constantFrom('completed', 'failed', 'cancelled'),
}))

test('what was pushed is read', () => {
  fc.assert(fc.property(jobs, (pushed) => {
    const columns = new JobColumns()
    for (const [row, job] of pushed.entries()) assert.equal(columns.push(job), row)
    assert.deepEqual([...columns], pushed.map((job) => ({ ...job })))
  }))
})

test('pieces follow one another', () => {
  const columns = new JobColumns()
  for (let row = 0; row < 50000; row++) columns.push(plainJob(`${row}`, row * 3, 1, 1000))
  assert.equal(columns.length, 50000)
  for (let row = 0; row < 50000; row++) assert.equal(columns.submitAtMs(row), row * 3)
  for (const row of [0, 16383, 16384, 49999]) {
    assert.deepEqual(columns.at(row), plainJob(`${row}`, row * 3, 1, 1000))
  }
})
