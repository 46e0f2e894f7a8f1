// Shows what is said to keep a job from starting, with need against have, for each reason; and that
// nothing is said of a job that would start.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Blocker, JobRequest } from '../model/index.ts'
import { toyRow, type ToyPlan } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { apply } from './apply.ts'
import { blockerOf } from './blocker.ts'
import type { State } from './state.ts'

function stateOf(plan: Partial<ToyPlan> = {}): State {
  return toyState({ sites: toyRow(2, 2), systems: [{ gpus: 4 }], ...plan })
}

/** Reason, need, have, unit and place of what blocks a new job. */
function why(state: State, given: Partial<JobRequest>): string {
  return print(blockerOf(state, submit(state, given)))
}

function print(blocker: Blocker | undefined): string {
  if (blocker === undefined) return 'nothing'
  const { reason, need, have, unit, at } = blocker
  return `${reason} ${need}/${have} ${unit} ${at}`.trim()
}

test('nodes, devices, cores and topology, each as need against have', () => {
  const state = stateOf()
  assert.equal(why(stateOf(), { gpus: 16 }), 'nothing')
  place(state, [0, 1, 0b0111], { gpus: 3, cpusPerNode: 8 })
  assert.equal(why(state, { gpus: 16 }), 'nodes 4/3 nodes pool0-chip0')
  const tight = stateOf()
  place(tight, [0, 1, 0b0001], { gpus: 1, cpusPerNode: 8 })
  place(tight, [2, 3, 0], { gpus: 4 })
  assert.equal(why(tight, { gpus: 8, level: 1 }), 'topology 2/2 nodes pool0-chip0')
  place(tight, [1, 2, 0], { gpus: 4 })
  place(tight, [3, 4, 0], { gpus: 4 })
  assert.equal(why(tight, { gpus: 3 }), 'cpus 6/0 cores pool0-chip0')
  place(tight, [0, 1, 0b1110], { gpus: 3, cpusPerNode: 0 })
  assert.equal(why(tight, { gpus: 1 }), 'devices 1/0 GPUs pool0-chip0')
})

test('watts, of the feeder that lacks them', () => {
  const state = stateOf({ limits: { hall0: 900 } })
  place(state, [0, 1, 0], { gpus: 4 })
  assert.equal(why(state, { gpus: 8 }), 'power 800/500 W hall0')
  assert.equal(why(stateOf({ limits: { hall0: 900 } }), { gpus: 8 }), 'nothing')
})

test('the quota of the queue goes before all', () => {
  const state = stateOf({ queues: [{ quotaGpus: 6 }] })
  place(state, [0, 1, 0], { gpus: 4 })
  assert.equal(why(state, { gpus: 3 }), 'quota 3/2 GPUs queue0')
})

test('a person who holds it, an earlier job, a reservation', () => {
  const state = stateOf()
  place(state, [0, 1, 0], { gpus: 4 })
  const head = submit(state, { gpus: 16, name: 'big' })
  const small = submit(state, { gpus: 4 })
  assert.equal(print(blockerOf(state, small)), 'order 0/0  big')
  apply(state, { type: 'job.held', job: small })
  assert.equal(print(blockerOf(state, small)), 'held 0/0')
  // In a lane of its own, for its device type, no job goes before it; the reservation does.
  const domain = state.layout.pools[0]!.levels[3]!.firstDomain
  apply(state, { type: 'job.reserved', job: head, domain, startAtMs: 9 })
  assert.equal(why(state, { gpus: 4, device: 0 }), 'reservation 0/0  big')
})
