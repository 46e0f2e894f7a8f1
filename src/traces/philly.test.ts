// Shows that the two public traces read as their sources say, from cut-outs and as a whole.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { benchOf } from '../../test/suites/trace.suite.ts'
import { plainJob } from '../../test/plain-job.ts'
import { kalos } from './kalos.ts'
import { philly } from './philly.ts'
import { readTrace } from './read.ts'

test('philly: the cut-out and the example', async () => {
  const small = await readTrace('philly', 'test/fixtures/traces/philly-40.csv.gz')
  assert.equal(small.jobs.length, 40)
  assert.deepEqual(small.jobs.at(1), plainJob('phl-000001', 235696000, 1, 3256045000))
  const whole = await readTrace('philly', 'examples/traces/philly.csv.gz')
  assert.equal(whole.jobs.length, 52849)
  assert.deepEqual(whole.skipped, [])
  assert.deepEqual([...whole.jobs].slice(0, 40), [...small.jobs])
})

test('philly: columns may be in another order and beside others', async () => {
  const { read, refuse } = benchOf(philly)
  const trace = await read('vc,extra,gpus,duration_s,submit_s,job_id\nx,1,0,5,0,a\nx,1,2,5,1,b\n')
  assert.deepEqual([...trace.jobs], [plainJob('b', 1000, 2, 5000)])
  assert.deepEqual(trace.skipped, [{ cause: 'asks for no GPU', count: 1, firstLine: 2 }])
  assert.match(await refuse('job_id,arrival_s,gpus\n'),
    /^1: submit_s, duration_s, vc are missing; found "job_id,arrival_s,gpus", needed job_id,/)
})

test('kalos: the cut-out and the example', async () => {
  const small = await readTrace('kalos', 'test/fixtures/traces/kalos-40.csv')
  assert.equal(small.jobs.length, 40)
  assert.deepEqual(small.jobs.at(4), plainJob('4', 65286000, 256, 355000))
  const whole = await readTrace('kalos', 'examples/traces/kalos.csv.gz')
  assert.equal(whole.jobs.length, 159)
  assert.equal(Math.max(...Array.from(whole.jobs, (job) => job.gpus)), 1024)
})

test('kalos: memory counts where a pod asks for more than the share of its GPUs', async () => {
  const { read, refuse } = benchOf(kalos)
  const { jobs } = await read(`${kalos.header}\n0,0,5,2,16,1,2048\n1,0,5,1,2,0,1073.741824\n`)
  assert.deepEqual(Array.from(jobs, (job) => job.memoryPerNodeGiB), [0, 1000])
  assert.match(await refuse(`${kalos.header}\n0,0,5,2,16,yes,2048\n`),
    /^2: is_pretrain is "yes"; write 1 or 0/)
  assert.match(await refuse(`${kalos.header}\n0,0,5,2,16,1,lots\n`),
    /^2: mem_per_pod_GB is "lots"; /)
})
