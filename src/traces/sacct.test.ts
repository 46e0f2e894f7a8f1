// Shows what the rows of sacct become: states, times, resources, arrays and queues, from a
// hand-made export that has one of each, and from single rows with one thing changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { benchOf } from '../../test/suites/trace.suite.ts'
import { plainJob } from '../../test/plain-job.ts'
import { readTrace } from './read.ts'
import { sacct } from './sacct.ts'

const { path, read, refuse } = benchOf(sacct)
const FIXTURE = 'test/fixtures/traces/sacct-20.txt'

const HEAD = 'JobID|Submit|State|Elapsed|AllocTRES'

/** One row of a job of 8 GPUs that ran an hour, with some columns changed or added. */
function rows(...changes: Readonly<Record<string, string>>[]): string {
  const plain = {
    Submit: '2026-08-29T00:00:00', State: 'COMPLETED', Elapsed: '01:00:00',
    AllocTRES: 'billing=8,cpu=8,gres/gpu=8,mem=64G,node=1',
  }
  const all = changes.map((each, at) => ({ JobID: `${at + 1}`, ...plain, ...each }))
  const lines = all.map((each) => Object.values(each).join('|'))
  return [Object.keys(all[0]!).join('|'), ...lines, ''].join('\n')
}

async function only(change: Readonly<Record<string, string>>) {
  return (await read(rows(change))).jobs.at(0)
}

test('an export reads: sorted by submission, from the first one on', async () => {
  const { jobs } = await readTrace('sacct', FIXTURE)
  assert.deepEqual(
    Array.from(jobs, (job) => [job.id, job.submitAtMs / 60000, job.gpus, job.workMs / 1000,
      job.limitMs / 60000, job.outcome, job.queue]), [
      ['1004', 0, 0, 1800, 0, 'completed', 'cpu'],
      ['1001', 5, 16, 184360, 4320, 'completed', 'train'],
      ['1002_3', 15, 1, 3607, 60, 'failed', 'train'],
      ['1002_1', 15, 1, 1867, 60, 'completed', 'train'],
      ['1002_2', 15, 1, 90, 60, 'failed', 'train'],
      ['1006', 66, 1, 600, 30, 'cancelled', 'short'],
      ['1007', 70, 8, 3600, 720, 'failed', 'train'],
      ['1008', 71, 8, 1800, 720, 'cancelled', 'train'],
      ['1009', 72, 8, 2, 720, 'failed', 'train'],
    ])
  assert.deepEqual(jobs.at(1), {
    ...plainJob('1001', 300_000, 16, 184_360_000, 259_200_000), queue: 'train',
  })
})

test('rows that are no job to run are counted by cause', async () => {
  const { skipped } = await readTrace('sacct', FIXTURE)
  assert.deepEqual(skipped, [
    { cause: 'step of a job', count: 3, firstLine: 3 },
    { cause: 'rest of an array that had not started', count: 1, firstLine: 7 },
    { cause: 'part of a heterogeneous job', count: 2, firstLine: 10 },
    { cause: 'cancelled before it started', count: 1, firstLine: 13 },
    { cause: 'had not ended', count: 1, firstLine: 18 },
    { cause: 'a run before it was requeued', count: 1, firstLine: 19 },
    { cause: 'its resources were not recorded', count: 1, firstLine: 20 },
    { cause: 'ran for 0 s', count: 1, firstLine: 21 },
  ])
})

test('tasks of an array belong together', async () => {
  const { jobs } = await read(rows({ JobID: '12_3' }, { JobID: '12_4' }, { JobID: '13' }))
  assert.deepEqual(Array.from(jobs, (job) => job.array), ['12', '12', ''])
})

test('queues that the factory has are kept, the others become its first', async () => {
  const { jobs, moved } = await readTrace('sacct', FIXTURE, ['default', 'train'])
  assert.deepEqual([...new Set(Array.from(jobs, (job) => job.queue))], ['', 'train'])
  assert.deepEqual(moved, [
    { cause: 'cpu', count: 1, firstLine: 12 }, { cause: 'short', count: 1, firstLine: 14 },
  ])
  const many = Array.from({ length: 30 }, (_, at) => ({ Partition: `user${at}` }))
  const { moved: counts } = await read(rows(...many)).then(() => readTrace('sacct', path, ['a']))
  assert.equal(counts.length, 21)
  assert.deepEqual(counts.at(-1), { cause: '', count: 10, firstLine: 22 })
})

test('the account is the queue where there is no partition', async () => {
  assert.equal((await only({ Account: 'nlp' })).queue, 'nlp')
  assert.equal((await only({ Account: 'nlp', Partition: 'train' })).queue, 'train')
  assert.equal((await only({ Account: 'nlp', Partition: '' })).queue, '')
})

test('GPUs count once, however they are listed', async () => {
  const gpus = async (AllocTRES: string) => (await only({ AllocTRES })).gpus
  assert.equal(await gpus('cpu=8,gres/gpu=4,gres/gpu:h100=4,node=1'), 4)
  assert.equal(await gpus('cpu=8,gres/gpu:h100=3,gres/gpu:a100=1,node=1'), 4)
  assert.equal(await gpus('cpu=8,gres/gpu=4,gres/gpumem=80G,gres/gpuutil=50,node=1'), 4)
  assert.equal((await only({ AllocTRES: '', ReqTRES: 'cpu=1,gres/gpu=2,node=1' })).gpus, 2)
})

test('a job without GPUs asks for what it had on each node', async () => {
  const ask = async (change: Readonly<Record<string, string>>) => {
    const { gpus, nodes, cpusPerNode, memoryPerNodeGiB } = await only(change)
    return [gpus, nodes, cpusPerNode, memoryPerNodeGiB]
  }
  assert.deepEqual(await ask({ AllocTRES: 'cpu=256,mem=1.50T,node=4' }), [0, 4, 64, 384])
  assert.deepEqual(await ask({ AllocTRES: 'cpu=7,mem=512M,node=2' }), [0, 2, 4, 0.25])
  assert.deepEqual(await ask({ AllocTRES: 'cpu=8,node=2', ReqMem: '64G' }), [0, 2, 4, 32])
  assert.deepEqual(await ask({ AllocTRES: 'cpu=8,node=2', ReqMem: '64Gn' }), [0, 2, 4, 64])
  assert.deepEqual(await ask({ AllocTRES: 'cpu=8,node=2', ReqMem: '2048Mc' }), [0, 2, 4, 8])
})

test('run times and limits read in each of their forms', async () => {
  assert.equal((await only({ Elapsed: '30:05' })).workMs, 1_805_000)
  assert.equal((await only({ Elapsed: '1-02:03:04' })).workMs, 93_784_000)
  assert.equal((await only({ ElapsedRaw: '90' })).workMs, 90_000)
  assert.equal((await only({ Timelimit: 'UNLIMITED' })).limitMs, 0)
  assert.equal((await only({ TimelimitRaw: '90', Timelimit: '01:30:00' })).limitMs, 5_400_000)
  const spans = 'JobID|Submit|State|Start|End|AllocTRES\n'
    + '1|1788000000|COMPLETED|1788000010|1788000070|gres/gpu=1\n'
    + '2|1788000000|CANCELLED|None|1788000070|gres/gpu=1\n'
    + '3|1788000000|FAILED|1788000010|Unknown|gres/gpu=1\n'
  const { jobs, skipped } = await read(spans)
  assert.equal(jobs.at(0).workMs, 60_000)
  assert.deepEqual(skipped.map((each) => each.cause),
    ['cancelled before it started', 'its end was not recorded'])
})

test('errors name the line, what was found and what would do', async () => {
  const cases: readonly [string, RegExp][] = [
    ['JobID|Submit|Elapsed|AllocTRES\n', /^1: the column State is missing; found "JobID,Submit,/],
    [`${HEAD.replace('AllocTRES', 'AllocGRES')}\n`, /AllocTRES is missing; .* or ReqTRES$/],
    ['JobID|Submit|State|Start|AllocTRES\n', /Elapsed is missing; .* or Start and End$/],
    [`${HEAD}\n1|2026-08-29T00:00:00|COMPLETED|a|b|gres/gpu=1\n`, /^2: .* JobName or Comment may/],
    [rows({ JobID: '1;2' }), /^2: JobID is "1;2"; write it as sacct does/],
    [rows({ State: 'COMPLETE' }), /^2: State is "COMPLETE", the nearest is COMPLETED; write/],
    [rows({ Submit: 'Unknown' }), /^2: Submit is "Unknown"; write a time such as 2026-/],
    [rows({ Submit: '2026-02-30T00:00:00' }), /^2: Submit is "2026-02-30T00:00:00"; write/],
    [rows({ Submit: '29 Aug 05:52' }), /^2: Submit is "29 Aug 05:52"; write/],
    [rows({ Elapsed: 'a while' }), /^2: Elapsed is "a while"; write days, hours/],
    [rows({ AllocTRES: 'cpu=8,gres/gpu=many' }), /^2: AllocTRES says gres\/gpu="many"; a whole/],
    [rows({ AllocTRES: 'cpu=8,mem=lots' }), /^2: AllocTRES says mem="lots"; a size such as 64G/],
    [rows({ AllocTRES: 'cpu=8', ReqMem: 'lots' }), /^2: ReqMem is "lots"; write a size/],
    ['JobID|Submit|State|Start|End|ReqTRES\n1|9|FAILED|2026-03-29T03:00:00|'
      + '2026-03-29T02:00:00|cpu=1\n', /^2: End "2026.*" is before Start "2026.*"; print times of/],
  ]
  for (const [text, expected] of cases) assert.match(await refuse(text), expected)
})
