// Shows our own table: units, defaults, order of columns, quotes, and what its errors say.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { benchOf, textOf } from '../../test/suites/trace.suite.ts'
import type { TraceJob } from '../model/arrival.ts'
import { csv } from './csv.ts'
import { plainJob } from '../../test/plain-job.ts'

const { read, refuse } = benchOf(csv)

test('three columns are enough, in any order, and rows count as ids', async () => {
  const { jobs } = await read('duration,submit,gpus\n60,0,8\n1.5,2.0004,1\n')
  assert.deepEqual([...jobs], [plainJob('1', 0, 8, 60000), plainJob('2', 2000, 1, 1500)])
})

test('times take units or seconds, memory GiB or units', async () => {
  const { jobs } = await read(
    'submit,gpus,duration,limit,memory,checkpoint_every,checkpoint_stall\n'
    + '250ms,1,20m,1.5h,512,30 m,0\n0.5,1,0.0001,2d,1.5 TiB,,4s\n')
  assert.deepEqual(Array.from(jobs, (job) => [job.submitAtMs, job.workMs, job.limitMs,
    job.memoryPerNodeGiB, job.checkpointEveryMs, job.checkpointStallMs]), [
    [250, 1200000, 5400000, 512, 1800000, 0],
    [500, 1, 172800000, 1536, 0, 4000],
  ])
})

test('quoted fields hold commas and quotes', async () => {
  const { jobs } = await read('id,submit,gpus,duration,queue\n'
    + '"a, ""b""" ,0,1,"60"," Ünïcode "\n')
  assert.equal(jobs.at(0).id, 'a, "b"')
  assert.equal(jobs.at(0).workMs, 60000)
  assert.equal(jobs.at(0).queue, ' Ünïcode ')
})

test('the table in docs/traces.md reads as it says', async () => {
  const table = /```csv\n([^`]*)```/.exec(readFileSync('docs/traces.md', 'utf8'))![1]!
  const { jobs } = await read(table)
  assert.deepEqual(Array.from(jobs, (job) => [job.id, job.submitAtMs, job.workMs, job.outcome]), [
    ['warmup', 0, 1200000, 'completed'],
    ['llama, 8B', 90000, 9000000, 'completed'],
    ['probe', 1800000, 30000, 'failed'],
  ])
})

test('a job without GPUs asks for nodes', async () => {
  const { jobs } = await read('submit,gpus,nodes,cpus,duration\n0,0,4,32,10\n')
  assert.deepEqual([jobs.at(0).gpus, jobs.at(0).nodes, jobs.at(0).cpusPerNode], [0, 4, 32])
})

test('a job may shrink, wait for others, and have a deadline', async () => {
  const { jobs } = await read(
    'submit,gpus,nodes,duration,least_nodes,least_run,deadline,hero,array,after\n'
    + '0,16,2,1h,1,10m,3h,yes,sweep,"afterok:a:b,afterany:c"\n0,8,,1h,,,,no,,\n')
  const { leastNodes, leastRunMs, deadlineAtMs, isHero, array, after } = jobs.at(0)
  assert.deepEqual([leastNodes, leastRunMs, deadlineAtMs, isHero, array, after],
    [1, 600000, 10800000, true, 'sweep', 'afterok:a:b,afterany:c'])
  assert.deepEqual(jobs.at(1), plainJob('2', 0, 8, 3600000))
})

test('errors name the line, what was found and what would do', async () => {
  const head = 'submit,gpus,duration'
  const cases: readonly [string, RegExp][] = [
    ['sumbit,gpus,duration\n', /^1: no column is called "sumbit", the nearest is submit; the col/],
    ['submit,gpus,duration,colour\n', /^1: no column is called "colour"/],
    ['submit,gpus\n', /^1: the column duration is missing; found "submit,gpus", needed submit,/],
    ['submit,gpus,gpus,duration\n', /^1: the column "gpus" is there twice; /],
    [`${head}\n0,1\n`, /^2: the row has 2 fields, the header has 3; quote/],
    [`${head}\n0,1,soon\n`, /^2: duration is "soon"; write seconds such as 90, or 250ms/],
    [`${head}\n0,1,5 parsecs\n`, /^2: duration is "5 parsecs"; write seconds/],
    [`${head}\n-5s,1,5\n`, /^2: submit is "-5s"; a time cannot be negative/],
    [`${head}\n,1,5\n`, /^2: submit is empty; write seconds/],
    [`${head}\n1700000000,1,5\n`, /^2: submit is "1700000000"; .*subtract the first submission/],
    [`${head}\n0,0,5\n`, /^2: gpus and nodes are both 0; /],
    [`${head}\n0,"1,5\n`, /^2: a quote is opened and not closed/],
    [`${head}\n0,"1"1,5\n`, /^2: text follows a closing quote; /],
    [`${head},nodes\n0,4,5,8\n`, /^2: 4 gpus cannot spread over 8 nodes; /],
    [`${head},nodes,least_nodes\n0,8,5,1,2\n`, /^2: least_nodes is 2 of 1 nodes and 8 gpus; /],
    [`${head},nodes,least_nodes\n0,0,5,2,1\n`, /^2: least_nodes is 1 of 2 nodes and 0 gpus; /],
    [`${head},hero\n0,1,5,true\n`, /^2: hero is "true"; write no, yes/],
    [`${head},after\n0,1,5,after:7\n`, /^2: after is "after:7"; write ids of jobs/],
    [`${head},after\n0,1,5,afterok:\n`, /^2: after is "afterok:"; write ids of jobs/],
    [`${head},level\n0,1,5,rak\n`, /^2: level is "rak", the nearest is rack; write node, rack/],
    [`${head},outcome\n0,1,5,ok\n`, /^2: outcome is "ok"; write completed, failed, cancelled/],
    [`${head},priority\n0,1,5,1.5\n`, /^2: priority is "1.5"; write a whole number/],
    [`${head},speeds\n0,1,5,H100=fast\n`, /^2: speeds is "H100=fast"; write throughput by/],
    [`${head},memory\n0,1,5,4 apples\n`, /^2: memory is "4 apples"; write GiB such as 512/],
    [`${head},memory\n0,1,5,-4\n`, /^2: memory is "-4"; /],
    [`${head},id\n0,1,5,${'x'.repeat(300)}\n`, /^2: id is "xxx.*\.\.\."; write a name of 1 to 253/],
  ]
  for (const [text, expected] of cases) assert.match(await refuse(text), expected)
  const latin = Buffer.from(`${head},queue\n0,1,5,caf\xe9\n`, 'latin1')
  assert.match(await refuse(latin), /^2: the text is not UTF-8; /)
})

const clause = fc.tuple(fc.constantFrom('afterok', 'afterany'),
  fc.array(fc.stringMatching(/^[\w./-]{1,8}$/), { minLength: 1, maxLength: 3 }))
  .map(([word, ids]) => [word, ...ids].join(':'))

test('every field that a job has is read as it was written', async () => {
  const time = fc.nat(4e9)
  const name = fc.string({ maxLength: 12, unit: 'grapheme' })
    .filter((text) => !/\p{Cc}/u.test(text))
  const job = fc.record<Omit<TraceJob, 'id' | 'submitAtMs'>>({
    gpus: fc.integer({ min: 8, max: 99999 }),
    nodes: fc.nat(8),
    cpusPerNode: fc.nat(256),
    memoryPerNodeGiB: fc.double({ min: 0, max: 4096, noNaN: true }).map((gib) => gib + 0),
    limitMs: time,
    queue: name,
    device: name,
    level: fc.constantFrom('', 'node', 'rack', 'row', 'hall'),
    priority: fc.integer({ min: -2147483647 }),
    leastNodes: fc.nat(8),
    leastRunMs: time,
    deadlineAtMs: time,
    isHero: fc.boolean(),
    array: name,
    after: fc.array(clause, { maxLength: 3 }).map((clauses) => clauses.join(',')),
    speeds: fc.constantFrom('', 'finetuning', 'H100=1', 'H100=1,B200=2.1'),
    class: name,
    leastSpeed: fc.constantFrom(0, 0.75, 1),
    worth: fc.constantFrom(1, 0.5, 1000),
    workMs: fc.integer({ min: 1, max: 4e9 }),
    checkpointEveryMs: time,
    checkpointStallMs: fc.oneof(fc.constant(-1), time),
    workload: fc.constantFrom('', 'training', 'batch'),
    outcome: fc.constantFrom('completed', 'failed', 'cancelled'),
  })
  await fc.assert(fc.asyncProperty(fc.array(job, { minLength: 1 }), async (rows) => {
    const jobs = rows.map((each, row) => ({
      ...each, id: `${row}`, submitAtMs: row * 1001,
      leastNodes: Math.min(each.leastNodes, each.nodes),
    }))
    assert.deepEqual([...(await read(textOf(csv, jobs))).jobs], jobs.map((each) => ({ ...each })))
  }))
})
