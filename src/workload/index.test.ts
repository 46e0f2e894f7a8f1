// Every kind of job passes the suite, and the two that exist differ as they say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workloadSuite } from '../../test/suites/workload.suite.ts'
import { WORKLOADS, workloadOf } from './index.ts'

for (const workload of Object.values(WORKLOADS)) workloadSuite(workload)

const nothing = { everyMs: 0, stallMs: -1, usualStallMs: 590 }

test('training saves at the best interval when it declares none; batch never', () => {
  assert.deepEqual(workloadOf('training', 8).checkpoints(nothing, () => 60_000),
    { everyMs: 60_000, stallMs: 590 })
  assert.deepEqual(workloadOf('batch', 8).checkpoints(nothing, () => 60_000),
    { everyMs: Infinity, stallMs: 0 })
})

test('a job that names no kind trains if it has devices', () => {
  assert.equal(workloadOf('', 1).name, 'training')
  assert.equal(workloadOf('', 0).name, 'batch')
})
