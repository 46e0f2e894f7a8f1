// Why a job waits: in a few hundred random states what is named is what binds and what is told
// starts it; and one small factory for each reason, with its figures, holders and changes.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { advance, apply } from '../../src/core/apply.ts'
import { ask } from '../../src/core/ask.ts'
import type { Deciders } from '../../src/core/remedy-trials.ts'
import type { State } from '../../src/core/state.ts'
import { arrayReasons, explain } from '../../src/core/why.ts'
import { isRefusal, type Intent, type JobRequest } from '../../src/model/index.ts'
import { policiesOf } from '../../src/policies/index.ts'
import type { PolicyNames } from '../../src/policies/policy.ts'
import { place, submit, toyState } from '../toy-state.ts'
import { toyRow } from '../toy-plant.ts'
import { checkState } from './check.ts'
import { randomState } from './random-state.ts'

const STATES = 250
const JOBS_MOST = 3

test(`${STATES} random states`, () => {
  const reasons = new Set<string>()
  for (let seed = 1; seed <= STATES; seed++) {
    const { state, deciders } = randomState(seed)
    const checked = checkState(state, deciders, JOBS_MOST)
    assert.deepEqual(checked.problems, [], `node test/why/main.ts --states 1 --seed ${seed}`)
    for (const reason of checked.reasons) reasons.add(reason)
  }
  assert.deepEqual([...reasons].toSorted(), ['cpus', 'dependency', 'devices', 'held', 'nodes',
    'order', 'power', 'quota', 'reservation', 'topology', 'window'])
})

const FIFO: PolicyNames = { order: 'fifo', backfill: 'none', place: 'pack', preempt: 'none' }

/** What is told of a job, in few words: blockers with holders, then what would start it. */
function told(state: State, job: number, names: PolicyNames = FIFO): string[] {
  const { blockers, remedies, startsNext } = explain(state, job, policiesOf(names))
  if (startsNext) return ['starts next']
  return [
    ...blockers.map(({ reason, need, have, unit, at, holders }) =>
      `${reason} ${need}/${have} ${unit} ${at}`.trim()
      + holders.map(({ name, amount }) => ` | ${name} ${amount}`).join('')),
    ...remedies.map(({ sentence }) => `> ${sentence}`),
  ]
}

function intend(state: State, intent: Intent, deciders: Deciders = policiesOf(FIFO)): void {
  const answer = ask(state, intent, deciders.rankOf)
  if (isRefusal(answer)) throw new Error(answer.message)
  apply(state, answer)
}

function stateOf(plan: Partial<Parameters<typeof toyState>[0]> = {}): State {
  return toyState({ sites: toyRow(2, 2), systems: [{ gpus: 4 }], ...plan })
}

describe('each reason with its figures, holders and changes', () => {
  const big: Partial<JobRequest> = { gpus: 16, name: 'big' }

  test('nodes: the job that loses least has to end; elsewhere a smaller job starts', () => {
    const state = stateOf()
    place(state, [0, 1, 0], { gpus: 4, name: 'old' })
    advance(state, 500)
    place(state, [1, 2, 0], { gpus: 4, name: 'new' })
    assert.deepEqual(told(state, submit(state, { gpus: 12 })), [
      'nodes 3/2 nodes pool0-chip0 | old 1 | new 1',
      '> wait for job new to end, or stop it (4 GPUs, expected in 1 s)',
      '> ask for 8 GPUs instead of 12',
    ])
  })

  test('nodes that are drained', () => {
    const state = stateOf()
    intend(state, { type: 'drain', first: 1, end: 3, reason: '' })
    assert.deepEqual(told(state, submit(state, { gpus: 12 })), [
      'nodes 3/2 nodes pool0-chip0 | drained 2',
      '> ask for 8 GPUs instead of 12',
      '> let 1 node serve again that is down or drained (n[1])',
    ])
  })

  test('devices and cores of one node', () => {
    const state = stateOf({ sites: toyRow(1) })
    place(state, [0, 1, 0b0011], { gpus: 2, cpusPerNode: 7, name: 'half' })
    assert.deepEqual(told(state, submit(state, { gpus: 3, cpusPerNode: 1 })), [
      'devices 3/2 GPUs pool0-chip0 | half 1',
      '> wait for job half to end, or stop it (2 GPUs, expected in 1 s)',
      '> ask for 2 GPUs instead of 3',
    ])
    intend(state, { type: 'cancel', job: 1 })
    assert.deepEqual(told(state, submit(state, { gpus: 1, cpusPerNode: 2 })), [
      'cpus 2/1 cores pool0-chip0 | half 1',
      '> wait for job half to end, or stop it (2 GPUs, expected in 1 s)',
    ])
  })

  test('topology: one level up, or one job out of the way', () => {
    const state = stateOf()
    place(state, [0, 1, 0], { gpus: 4, name: 'a' })
    place(state, [2, 3, 0], { gpus: 4, name: 'b' })
    assert.deepEqual(told(state, submit(state, { gpus: 8, level: 1 })), [
      'topology 2/1 nodes pool0-chip0 | a 1 | b 1',
      '> wait for job a to end, or stop it (4 GPUs, expected in 1 s)',
      '> let it span a row instead of one rack',
      '> ask for 4 GPUs instead of 8',
    ])
  })

  test('watts: every feeder on the way that lacks some, to the watt', () => {
    const state = stateOf({ limits: { hall0: 900, row0: 950 } })
    place(state, [0, 1, 0], { gpus: 4, name: 'a' })
    assert.deepEqual(told(state, submit(state, { gpus: 8 })), [
      'power 800/550 W row0 | a 400',
      'power 800/500 W hall0 | a 400',
      '> wait for job a to end, or stop it (4 GPUs, expected in 1 s)',
      '> ask for 4 GPUs instead of 8',
      '> raise the limit of feeder row0 by 250 W; and raise the limit of feeder hall0 by 300 W',
    ])
  })

  test('quota: the queue that binds and who holds it; whoever may take it back starts', () => {
    const quota = (own: number) => ({ gpus: { own, borrow: Infinity, lend: Infinity },
      cores: { own: Infinity, borrow: Infinity, lend: Infinity } })
    const state = stateOf({ queues: [
      { name: 'lab', quota: quota(0) }, { name: 'vision', parent: 0, quota: quota(4) },
      { name: 'speech', parent: 0, quota: quota(4) },
    ] })
    place(state, [0, 1, 0], { gpus: 4, queue: 1 })
    place(state, [1, 2, 0b0011], { gpus: 2, queue: 1 })
    const job = submit(state, { gpus: 4, queue: 2 })
    assert.deepEqual(told(state, job), [
      'quota 4/2 GPUs lab | vision 6',
      '> give queue lab 2 GPUs more of quota',
      '> ask for 2 GPUs instead of 4',
    ])
    advance(state, 1)
    assert.deepEqual(told(state, job, { ...FIFO, preempt: 'reclaim' }), ['starts next'])
  })

  test('a person holds it; another job has to end, or never will as it should', () => {
    const state = stateOf()
    const first = place(state, [0, 1, 0], { gpus: 4, name: 'first' })
    const job = submit(state, { gpus: 4, after: [{ job: first, on: 'completed' }] })
    intend(state, { type: 'hold', job })
    assert.deepEqual(told(state, job), ['held 0/0', 'dependency 1/0 jobs | first 1',
      '> release it; and take its dependencies away'])
    apply(state, { type: 'job.ended', job: first, outcome: 'failed' })
    intend(state, { type: 'release', job })
    assert.deepEqual(told(state, job), ['starts next'])
  })

  test('a window: its clearing, or a limit that ends before it', () => {
    const state = stateOf({ sites: toyRow(2) })
    intend(state, { type: 'reserve', first: 0, end: 2, startAtMs: 600, endAtMs: 5000, queue: -1,
      reason: '' })
    assert.deepEqual(told(state, submit(state, { gpus: 8, limitMs: 1000 })), [
      'window 2/0 nodes pool0-chip0 | maintenance 2',
      '> declare a limit of at most 600 ms (600 ms)',
      '> clear 1 window (0)',
    ])
  })

  test('its turn: who goes first, and what holds a reservation', () => {
    const state = stateOf()
    place(state, [0, 1, 0], { gpus: 4, name: 'a' })
    const head = submit(state, big)
    const domain = state.layout.pools[0]!.levels[3]!.firstDomain
    apply(state, { type: 'job.reserved', job: head, domain, startAtMs: 1000 })
    const small = submit(state, { gpus: 4, limitMs: 5000 })
    assert.deepEqual(told(state, small, { ...FIFO, order: 'priority', backfill: 'easy' }), [
      'order 1/0 jobs big',
      'reservation 0/0  big | big 16',
      '> declare a limit of at most 1,000 ms (1 s)',
      '> raise its priority from 0 to 1',
      '> hold job big',
    ])
  })
})

test('pool by pool, where a job may use several', () => {
  const state = stateOf({ sites: toyRow([0, 1], [1, 2]), systems: [{ gpus: 4 }, { gpus: 4 }] })
  place(state, [0, 1, 0], { gpus: 4, name: 'a' })
  place(state, [1, 3, 0], { gpus: 8, name: 'b' }, 1)
  assert.deepEqual(told(state, submit(state, { gpus: 4 })), [
    'nodes 1/0 nodes pool0-chip0 | a 1',
    'nodes 1/0 nodes pool1-chip1 | b 2',
    '> wait for job a to end, or stop it (4 GPUs, expected in 1 s)',
  ])
})

test('the words of Slurm and Kueue', () => {
  const state = stateOf({ queues: [{ quotaGpus: 4 }] })
  place(state, [0, 1, 0], { gpus: 4 })
  const { elsewhere } = explain(state, submit(state, { gpus: 2 }), policiesOf(FIFO))
  assert.deepEqual(elsewhere, {
    slurm: 'AssocGrpGRES',
    kueue: {
      reason: 'WaitingForQuota',
      message: 'couldn\'t assign flavors to pod set main: insufficient unused quota for '
        + 'nvidia.com/gpu in flavor pool0-chip0, 2 more needed',
    },
  })
})

test('an array is counted by what keeps its tasks', () => {
  const state = stateOf({ queues: [{ quotaGpus: 8 }] })
  place(state, [0, 1, 0], { gpus: 4, array: 1 })
  for (let task = 0; task < 3; task++) submit(state, { gpus: 8, array: 1 })
  const held = submit(state, { gpus: 4, array: 1 })
  intend(state, { type: 'hold', job: held })
  assert.deepEqual(arrayReasons(state, 1), [
    { reason: 'quota', tasks: 3 }, { reason: 'held', tasks: 1 }, { reason: 'starting', tasks: 1 },
  ])
})
