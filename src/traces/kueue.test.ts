// Shows what Kueue's generator makes of its file: names, times, CPUs and levels; and its mistakes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { benchOf } from '../../test/suites/trace.suite.ts'
import { kueue } from './kueue.ts'
import { readTrace } from './read.ts'

const { read, refuse } = benchOf(kueue)

/** A file of one queue with these lines in place of its sets of workloads, and more at the end. */
function fileOf(sets: string, more = '', queues = 1): string {
  return `cohorts:
- className: cohort
  count: ${queues}
  queuesSets:
  - className: cq
    count: ${queues}
    nominalQuota: 20
    workloadsSets:
${sets}${more}`
}

function setOf(workload: string, count = 1, intervalMs = 100): string {
  return `    - count: ${count}
      creationIntervalMs: ${intervalMs}
      workloads:
      - {className: a, runtimeMs: 200, ${workload}}
`
}

const TOPOLOGY = `
topology:
  name: t
  levels:
  - {name: block, count: 1, nodeLabel: block}
  - {name: rack, count: 2, nodeLabel: rack}
  - {name: node, count: 4, nodeLabel: host, capacity: {cpu: "96", memory: 256Gi}}
`

test('each set makes its workloads one by one, and all sets run at the same time', async () => {
  const sets = `    - count: 2
      creationIntervalMs: 100
      workloads:
      - {className: a, runtimeMs: 200, priority: 50, request: 1}
      - {className: b, runtimeMs: 300, priority: -1, request: 2}
${setOf('request: 5', 1, 200)}`
  const { jobs } = await read(fileOf(sets, '', 2))
  const first = Array.from(jobs, (job) => [job.submitAtMs, job.id, job.workMs, job.priority])
    .filter(([, id]) => `${id}`.startsWith('cq-0-1-cohort-0/'))
  assert.deepEqual(first, [
    [100, 'cq-0-1-cohort-0/a-0-0-0', 200, 50],
    [200, 'cq-0-1-cohort-0/b-0-0-1', 300, -1],
    [200, 'cq-0-1-cohort-0/a-1-0-0', 200, 0],
    [300, 'cq-0-1-cohort-0/a-0-1-0', 200, 50],
    [400, 'cq-0-1-cohort-0/b-0-1-1', 300, -1],
  ])
  assert.equal(jobs.length, 20)
  assert.deepEqual([...new Set(Array.from(jobs, (job) => job.queue))],
    ['cq-0-0-cohort-0', 'cq-0-1-cohort-0', 'cq-0-0-cohort-1', 'cq-0-1-cohort-1'])
})

test('a core is a CPU, or the largest share that all requests are multiples of', async () => {
  const cores = async (...requests: string[]) => {
    const sets = requests.map((request) => setOf(`request: ${request}`)).join('')
    return Array.from((await read(fileOf(sets))).jobs, (job) => job.cpusPerNode)
  }
  assert.deepEqual(await cores('1', '"5"', '20'), [1, 5, 20])
  assert.deepEqual(await cores('500m', '1250m', '"2.5"'), [2, 5, 10])
  assert.deepEqual(await cores('2', '0.2'), [10, 1])
})

test('pods take a node each, within the level that they require', async () => {
  const ask = async (workload: string) => {
    const { nodes, cpusPerNode, level } =
      (await read(fileOf(setOf(`request: 2, ${workload}`), TOPOLOGY))).jobs.at(0)
    return [nodes, cpusPerNode, level]
  }
  assert.deepEqual(await ask('podCount: 4, tasConstraint: required, tasLevel: rack'),
    [4, 2, 'rack'])
  assert.deepEqual(await ask('podCount: 4, tasConstraint: required, tasLevel: block'),
    [4, 2, 'hall'])
  assert.deepEqual(await ask('podCount: 4, tasConstraint: required, tasLevel: host'),
    [1, 8, 'node'])
  assert.deepEqual(await ask('podCount: 4, tasConstraint: preferred, tasLevel: rack'), [4, 2, ''])
  assert.deepEqual(await ask('podCount: 4, tasConstraint: balanced, tasLevel: rack, sliceSize: 2'),
    [4, 2, 'rack'])
  assert.deepEqual(await ask('podCount: 4'), [1, 2, ''])
})

test('what runs no time or asks for nothing is skipped, with its line', async () => {
  const { jobs, skipped } = await read(fileOf(setOf('request: 0', 3) + setOf('request: 1')))
  assert.equal(jobs.length, 1)
  assert.deepEqual(skipped, [{ cause: 'asks for no CPU', count: 3, firstLine: 12 }])
})

test('the files of the test itself have 15,000 workloads', async () => {
  for (const name of ['baseline', 'tas']) {
    const trace = await readTrace('kueue', `examples/kueue/load/${name}.yaml`)
    assert.equal(trace.jobs.length, 15000)
    assert.equal(new Set(Array.from(trace.jobs, (job) => job.queue)).size, 30)
    const cores = Array.from(trace.jobs, (job) => job.nodes * job.cpusPerNode * job.workMs)
    // 30 queues of 350 x 1 CPU x 0.2 s, 100 x 5 x 0.5 s and 50 x 20 x 1 s.
    assert.equal(cores.reduce((sum, each) => sum + each) / (name === 'tas' ? 4 : 1), 39_600_000)
  }
})

test('errors name the place, what was found and what would do', async () => {
  const cases: readonly [string, RegExp][] = [
    ['cohort: []\n', /:1:1: there is no key "cohort" here; cohorts, topology, .* "cohorts"\?$/],
    ['# nothing\n', /^1:1: the file is empty; cohorts would do/],
    [fileOf(setOf('request: lots')), /^12:\d+: request is "lots"; CPUs such as 2/],
    [fileOf(setOf('request: 0.1m')), /^12:\d+: request is "0.1m"; CPUs/],
    [fileOf(setOf('request: 1, tasLevel: rack')), /^12:\d+: .* no level "rack"; a topology would/],
    [fileOf(setOf('request: 1, tasLevel: rak'), TOPOLOGY), /"rak"; block, rack, host would do/],
    [fileOf(setOf('request: 1, devices: 2')), /^12:\d+: there is no key "devices" here; class/],
    [fileOf(setOf('request: 1', -1)), /^9:\d+: count is -1; 0 or more would do/],
    [fileOf(setOf('request: 1', 1_000_000), '', 9), /^1: the counts multiply to 81,000,081 /],
  ]
  for (const [text, expected] of cases) assert.match(await refuse(text), expected)
})
