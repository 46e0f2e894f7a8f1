// Puts the work of random small worlds, stopped in the middle, into a plant that was changed: all
// invariants hold, every job is where it was, and in the same plant it goes on as it would have.
// A factory that grows is also checked by hand.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { worldAt } from '../../test/swarm/middle.ts'
import { toyRow, type ToyPlan } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { placementOf } from '../core/allocation.ts'
import { apply, nextChangeAtMs } from '../core/apply.ts'
import { growState } from '../core/grow.ts'
import { brokenInvariants } from '../core/invariants.ts'
import { headroomW } from '../core/ledger.ts'
import { replant } from '../core/replant.ts'
import { hashState, type State } from '../core/state.ts'
import { PHASE } from '../model/index.ts'
import { lookAhead } from './ahead.ts'
import { policiesOf } from '../policies/index.ts'

const WORLDS = 120

describe(`in ${WORLDS} random worlds`, () => {
  test('in the same plant it goes on as it would have', () => {
    for (let seed = 1; seed <= WORLDS; seed++) {
      const { state, policies } = worldAt(seed)
      const hash = hashState(state)
      const moved = replant(state, state.layout.plant)
      assert.deepEqual(brokenInvariants(moved), [], `world ${seed}`)
      assert.equal(hashState(state), hash)
      assert.deepEqual(where(moved), where(state))
      assert.deepEqual([...moved.tables.feeders.grantW], [...state.tables.feeders.grantW])
      assert.deepEqual([...moved.tables.queues.usedGpus], [...state.tables.queues.usedGpus])
      assert.deepEqual([...moved.tables.queues.usedCores], [...state.tables.queues.usedCores])
      const options = {
        ...policiesOf(policies), seed, untilMs: state.totals.nowMs + 100 * 3_600_000,
        failures: true,
      }
      // Both decide first, since the second has forgotten its reservations.
      state.totals.isFreed = 1
      assert.deepEqual(lookAhead(moved, options).jobs, lookAhead(state, options).jobs,
        `world ${seed}`)
    }
  })

  test('more nodes: all invariants hold, and every job is where it was', () => {
    for (let seed = 1; seed <= WORLDS; seed++) {
      const { state } = worldAt(seed)
      const { plant } = state.layout
      const pool = seed % plant.pools.length
      const grown = growState(state, pool, 1 + seed % 7)
      const broken = brokenInvariants(grown)
      // What the new nodes draw may be more than a limit leaves.
      assert.deepEqual(broken.filter((problem) => !problem.startsWith('I4')), [], `world ${seed}`)
      assert.equal(grown.layout.plant.nodes, plant.nodes + 1 + seed % 7)
      assert.deepEqual(names(grown), names(state))
    }
  })
})

describe('a pool that grows', () => {
  const plan: ToyPlan = {
    sites: [[[[2, [1, 3]], [2]], [[2]]], [[[1]]]],
    systems: [{ gpus: 2 }, {}],
    limits: { hall0: 900 },
  }

  test('gets a row at the end of its last hall, and what lies behind moves up', () => {
    const state = toyState(plan)
    const job = place(state, [5, 9, 0], { gpus: 8 })
    const grown = growState(state, 1, 4)
    const { plant } = grown.layout
    assert.deepEqual(plant.rows.map((row) => [row.name, row.firstRack, row.endRack]),
      [['row0', 0, 2], ['row1', 2, 3], ['hall0/added1', 3, 5], ['row2', 5, 6], ['row3', 6, 7]])
    assert.deepEqual(plant.racks.slice(3, 6).map((rack) => [rack.firstNode, rack.endNode]),
      [[7, 10], [10, 11], [11, 13]])
    assert.deepEqual(plant.halls.map((hall) => [hall.firstRow, hall.endRow]),
      [[0, 3], [3, 4], [4, 5]])
    assert.deepEqual(placementOf(grown, job).spans, [5, 7, 0, 11, 13, 0])
    assert.equal(plant.gpus, state.layout.plant.gpus + 4)
    assert.deepEqual(brokenInvariants(grown), [])
  })

  test('windows move with their nodes, and who waits for whom stays', () => {
    const state = toyState(plan)
    const first = submit(state, {})
    const waiter = submit(state, { after: [{ job: first, on: 'completed' }] })
    apply(state, { type: 'window.set', window: 0, first: 5, end: 9, startAtMs: 100, endAtMs: 200,
      queue: -1, cause: '' })
    const grown = growState(state, 1, 4)
    const { windows, jobs } = grown.tables
    assert.deepEqual([windows.first[0], windows.end[0]], [5, 13])
    assert.equal(nextChangeAtMs(grown), 100)
    assert.deepEqual([grown.totals.pending, jobs.waitsFor[waiter]], [2, 1])
    apply(grown, { type: 'job.started', job: first, pool: 0, spans: [0, 1, 1] })
    apply(grown, { type: 'job.ended', job: first, outcome: 'completed' })
    assert.equal(jobs.waitsFor[waiter], 0)
    assert.deepEqual(brokenInvariants(grown), [])
  })

  test('its row carries its rating, and a limit above stays', () => {
    const grown = growState(toyState(plan), 1, 4)
    const { feeders } = grown.layout.plant
    const limitOf = (name: string) => feeders.find((each) => each.name === name)!.limitW
    assert.deepEqual(['hall0/added1', 'hall0/added1/rack1', 'hall0/added1/rack2', 'hall0', 'site0']
      .map(limitOf), [400, 300, 100, 900, 1e9])
    const again = growState(grown, 1, 1)
    assert.equal(again.layout.plant.rows[3]!.name, 'hall0/added2')
  })

  test('a site that had what it needs has what it needs', () => {
    const state = toyState({ sites: toyRow(2), limits: { site0: 200, hall0: 200, row0: 150 } })
    const { feeders } = growState(state, 0, 3).layout.plant
    assert.deepEqual(feeders.slice(0, 3).map((each) => each.limitW), [500, 500, 150])
  })

  test('what the new nodes draw idle counts', () => {
    const state = toyState({
      sites: toyRow(2), bases: { rack0: 100 }, limits: { site0: 250 }, ratios: { rack0: 20_000 } })
    const { layout } = growState(state, 0, 1)
    assert.deepEqual([state.layout.idleGrantW[0], layout.idleGrantW[0]], [200, 300])
    assert.equal(headroomW(growState(state, 0, 1), 0), -50)
  })
})

function where(state: State): unknown[] {
  return rowsOf(state).map((job) => [job, placementOf(state, job)])
}

/** Racks by name under each job. */
function names(state: State): unknown[] {
  return rowsOf(state).map((job) => {
    const { spans } = placementOf(state, job)
    const racks: string[] = []
    for (let at = 0; at < spans.length; at += 3) {
      for (let node = spans[at]!; node < spans[at + 1]!; node++) {
        const rack = state.layout.plant.racks[state.layout.rackOfNode[node]!]!
        racks.push(`${rack.name} ${node - rack.firstNode} ${spans[at + 2]}`)
      }
    }
    return [state.tables.jobs.number[job], racks]
  })
}

function rowsOf(state: State): number[] {
  return [...Array(state.totals.jobRows).keys()]
    .filter((job) => state.tables.jobs.phase[job] !== PHASE.free)
}
