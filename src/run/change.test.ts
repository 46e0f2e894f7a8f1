// Each change does what its line says, on factories of a few nodes; one that cannot be says why,
// and one that is misspelt is told the forms that there are.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toyRow, type ToyPlan } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { apply } from '../core/apply.ts'
import { brokenInvariants } from '../core/invariants.ts'
import { headroomW } from '../core/ledger.ts'
import { DOWN, DRAINED, type State } from '../core/state.ts'
import { InputError, PHASE, type FaultClass } from '../model/index.ts'
import { change, CHANGES, type Changed } from './change.ts'

const policies = { order: 'fifo', backfill: 'none', place: 'pack' }

const NODE: FaultClass = {
  name: 'node', ratePerHour: 0.5, unit: 'node', reach: 'node', repairMs: [1, 2], slowRatio: 1,
}

const PLAN: ToyPlan = {
  sites: toyRow(4, 2),
  limits: { site0: 550, rack0: 350 },
  queues: [{ quotaGpus: 6 }, { priority: 3 }],
  failures: { classes: [NODE] },
}

/** a runs on two nodes, b and c wait. */
function factory(plan: ToyPlan = PLAN): State {
  const state = toyState(plan)
  place(state, [2, 4, 0], { gpus: 2, name: 'a' })
  submit(state, { gpus: 4, name: 'b' })
  submit(state, { gpus: 1, name: 'c', queue: 1 })
  return state
}

function made(text: string, state = factory()): Changed {
  const changed = change({ state, policies }, text)
  assert.equal(changed.state.totals.isFreed, 1)
  assert.deepEqual(brokenInvariants(changed.state).filter((each) => !/^I[46]/.test(each)), [])
  return changed
}

const flagsOf = ({ state }: Changed) => [...state.tables.nodes.flags]

describe('what changes', () => {
  test('nodes are added', () => {
    const { state, doing, note } = made('add 3 nodes')
    assert.equal(doing, 'Adding 3 nodes')
    assert.equal(note, undefined)
    assert.equal(state.layout.plant.nodes, 9)
    assert.equal(headroomW(state, 0), 350)
    assert.equal(made(' add  1 node of pool0-chip0').doing, 'Adding 1 node')
  })

  test('the last nodes are drained, and what runs goes on', () => {
    const drained = made('drain 3 nodes')
    assert.equal(drained.doing, 'Draining 3 nodes')
    assert.deepEqual(flagsOf(drained), [0, 0, 0, DRAINED, DRAINED, DRAINED])
    assert.equal(drained.state.totals.running, 1)
    assert.equal(drained.note, undefined)
    // Those that do not serve are passed over.
    assert.deepEqual(flagsOf(made('drain 1 nodes', drained.state)).slice(0, 4),
      [0, 0, DRAINED, DRAINED])
  })

  test('nodes are gone, and what ran there waits', () => {
    const { note, ...removed } = made('remove 3 nodes')
    const gone = DOWN | DRAINED
    assert.deepEqual(flagsOf(removed), [0, 0, 0, gone, gone, gone])
    assert.equal(note, 'Jobs that ran on the nodes and wait again: 1.')
    assert.equal(removed.state.totals.running, 0)
    assert.equal(removed.state.totals.pending, 3)
  })

  test('a feeder has another limit', () => {
    const { state, doing, note } = made('limit site0 0.3 kW')
    assert.equal(doing, 'A limit of 300 W at site0')
    assert.equal(headroomW(state, 0), 100)
    assert.equal(note, undefined)
    assert.match(made('limit rack0 150 W').note!, /rack0 grants 200 W now, more than its new limit/)
  })

  test('a feeder has more, now and in what is known of later', () => {
    const state = factory()
    const rows = { watts: 200, fromW: 550, endAtMs: 1e9 }
    apply(state, { type: 'limit.set', limit: 0, feeder: 0, kind: 'budget', startAtMs: 1e6,
      holdAtMs: 1e6, holdEndAtMs: 1e9, cause: '', ...rows })
    const more = made('limit site0 +0.1 kW', state)
    assert.equal(more.doing, '100 W more at site0')
    const { layout, tables } = more.state
    assert.deepEqual([layout.plant.feeders[0]!.limitW, tables.limits.watts[0]], [650, 300])
    const less = made('limit site0 -50 W', state)
    assert.equal(less.doing, '50 W less at site0')
    assert.equal(less.state.layout.plant.feeders[0]!.limitW, 500)
    assert.equal(less.state.tables.limits.watts[0], 150)
  })

  test('a queue has another quota', () => {
    assert.equal(made('quota queue0 4').state.layout.plant.queues[0]!.quota.gpus.own, 4)
    const { quota } = made('quota queue0 none').state.layout.plant.queues[0]!
    assert.equal(quota.gpus.own, Infinity)
    assert.match(made('quota queue0 1').note!, /queue0 holds 2 GPUs now, more than it may/)
  })

  test('jobs are cancelled, held and released, by name or number', () => {
    const cancelled = made('cancel a')
    assert.equal(cancelled.doing, 'Cancelling a')
    assert.equal(cancelled.state.tables.jobs.phase[0], PHASE.free)
    assert.equal(made('cancel 2').doing, 'Cancelling b')
    const held = made('hold b')
    assert.equal(held.state.tables.jobs.held[1], 1)
    assert.equal(made('release b', held.state).state.tables.jobs.held[1], 0)
  })

  test('a job is submitted', () => {
    const { state, doing } = made('submit 3 gpus 2h queue queue1')
    assert.equal(doing, 'One more job of 3 GPUs for 2 h')
    const { gpus, queue, limitMs } = state.tables.jobs
    assert.deepEqual([gpus[3], queue[3], limitMs[3]], [3, 1, 7_200_000])
  })

  test('policies are others, and with another order all get their place anew', () => {
    const ordered = made('order priority')
    assert.equal(ordered.policies.order, 'priority')
    assert.deepEqual([...ordered.state.tables.jobs.rank.subarray(0, 3)], [0, 0, -3])
    assert.equal(ordered.doing, 'The order policy priority instead of fifo')
    assert.deepEqual(made('backfill easy').policies, { ...policies, backfill: 'easy' })
    assert.deepEqual(made('place spread').policies, { ...policies, place: 'spread' })
    assert.deepEqual(made('consolidate move').policies, { ...policies, consolidate: 'move' })
    assert.equal(made('preempt none').doing, 'The preempt policy none instead of reclaim')
  })

  test('the grid asks for less for a time', () => {
    const { state, doing, note } = made('curtail site0 400 W for 2h')
    assert.equal(doing, 'A curtailment of site0 to 400 W for 2 h')
    assert.match(note ?? '', /No power policy acts here/)
    assert.equal(state.totals.limitRows, 1)
    assert.equal(state.tables.limits.watts[0], 400)
    assert.equal(state.tables.limits.endAtMs[0], state.totals.nowMs + 2 * 3_600_000)
    assert.throws(() => made('curtail site0 4 parsecs for 2h'), InputError)
  })

  test('things fail more often, or not', () => {
    const rateOf = (text: string) => made(text).state.layout.plant.failures.classes[0]!.ratePerHour
    assert.equal(rateOf('failures x2.5'), 1.25)
    assert.equal(rateOf('failures none'), 0)
    assert.equal(made('failures x2').doing, '2 times as many failures')
  })

  test('every entry of the table is in one of these', () => {
    const verbs = CHANGES.map(({ form }) => form.split(' ')[0])
    assert.deepEqual(verbs, ['add', 'drain', 'remove', 'limit', 'curtail', 'quota', 'cancel',
      'hold', 'release', 'submit', 'order', 'backfill', 'place', 'preempt', 'consolidate',
      'failures'])
  })
})

const two: ToyPlan = { sites: toyRow([0, 2], [1, 2]), systems: [{}, {}] }
const idle: ToyPlan = {
  sites: toyRow(2), bases: { rack0: 200 }, limits: { site0: 350, rack0: 1000 },
}

const REFUSED: readonly (readonly [text: string, message: RegExp, plan?: ToyPlan])[] = [
  ['ad 40 nodes',
    /^--change "ad 40 nodes": there is no such change; did you mean add\?.*\n {2}add COUNT nodes/],
  ['', /there is no such change\. What can be changed:\n {2}add COUNT[^]*\n {2}failures xFACTOR/],
  ['add forty nodes', /write "add COUNT nodes \[of POOL\]": a new row at the end/],
  ['add 0 nodes', /write a number of nodes from 1 to 4,000,000\./],
  ['add 9999999 nodes', /write a number of nodes from 1 to 4,000,000\./],
  ['add 1 nodes', /say of which pool: of pool0-chip0, of pool1-chip1\./, two],
  ['add 1 nodes of pool1-chip',
    /there is no pool pool1-chip; there are pool0-chip0, pool1-chip1\. Did you mean pool1-chip1/,
    two],
  ['add 3 nodes',
    /draw idle is 300 W at site0, and its limit leaves 150 W\. Raise it first: --change "limit si/,
    idle],
  ['drain 7 nodes', /6 nodes of pool0-chip0 serve jobs now; write a number from 1 to that\./],
  ['remove 0 nodes', /write a number from 1 to that\./],
  ['limit site 20 MW',
    /there is no feeder site; there are site0, hall0, row0, rack0, rack1\. Did you mean site0\?/],
  ['limit site0 20', /"20" has no unit; a power takes W, kW, MW, GW\./],
  ['limit rack0 100 W', /the base load of rack0 alone is 200 W; write at least that\./, idle],
  ['quota queue2 3', /there is no queue queue2; there are queue0, queue1\. Did you mean queue0\?/],
  ['quota queue0 many', /write "quota QUEUE COUNT\|none"/],
  ['cancel train', /there is no job train at 0 s; 2 wait and 1 run\./],
  ['hold a', /The job already runs; only a pending job can be held\./],
  ['release b', /The job is not held\./],
  ['submit 99 gpus 1h queue queue1', /99 GPUs within one site can never run here/],
  ['submit 4 gpus long', /"long" is not a number with a unit/],
  ['order random', /there is no order random; use one of fifo, priority, fair-share, deadline\./],
  ['backfill hasOwnProperty', /backfill hasOwnProperty: use one of none, easy, conservative\./],
  ['failures x2', /nothing fails in this factory/, two],
  ['failures twice', /write "failures xFACTOR\|none"/],
]

test('what cannot be says why, and what would do', () => {
  for (const [text, message, plan] of REFUSED) {
    const state = plan === undefined ? factory() : toyState(plan)
    assert.throws(() => change({ state, policies }, text), (error) => {
      assert.ok(error instanceof InputError, text)
      assert.match(error.message, message)
      return error.exitCode === 2
    })
  }
})

test('of several jobs of one name none is guessed', () => {
  const state = factory()
  submit(state, { name: 'b' })
  assert.throws(() => change({ state, policies }, 'cancel b'),
    /2 jobs are called b; write the number of one: 2, 4\./)
})
