// Shows for whom watts are made free, by hand: three nodes of one GPU and watts for one of
// them, which has a job; a gang that waits for all three, and behind it a job that asks for one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { advance, apply } from '../core/apply.ts'
import { decide } from '../core/decide.ts'
import { createState } from '../core/state.ts'
import { PHASE } from '../model/index.ts'
import { claimants, inTurn } from './control-claims.ts'
import { BACKFILLS, PLACES, policiesOf } from './index.ts'
import { byRank } from './pending.ts'

/** With `isPaused` there are watts for all, else for the first alone. */
function scene(isPaused = false) {
  const state = createState(toyPlant({
    sites: toyRow(3), limits: { site0: 120 }, queues: [{}, {}] }), true)
  const first = submit(state, {})
  apply(state, { type: 'job.started', job: first, pool: 0, spans: [0, 1, 0] })
  apply(state, { type: 'job.running', job: first })
  if (isPaused) {
    apply(state, { type: 'job.capped', job: first, capW: 0, safeW: 0 })
    apply(state, { type: 'cap.confirmed', job: first, capW: 0 })
  }
  const gang = submit(state, { gpus: 3, nodes: 3 })
  const single = submit(state, { queue: 1 })
  const claims = (backfill: 'none' | 'easy') => claimants(state, {
    place: PLACES.pack!, backfill: BACKFILLS[backfill]!, isBefore: byRank,
  }).map(({ job }) => job)
  return { state, gang, single, claims }
}

test('who lacks only watts claims them, also behind a gang that may be overtaken', () => {
  const { state, gang, single, claims } = scene()
  assert.deepEqual(claims('easy'), [single])
  apply(state, { type: 'job.reserved', job: gang, domain: state.layout.domainOfRack[0]!,
    startAtMs: 5000 })
  assert.deepEqual(claims('easy'), [single])
})

test('for whom there are watts waits for its turn, and claims none', () => {
  assert.deepEqual(scene(true).claims('easy'), [])
})

test('nobody claims behind nodes that should be free by now: who has them may be paused', () => {
  const { state, gang, claims } = scene()
  apply(state, { type: 'job.reserved', job: gang, domain: state.layout.domainOfRack[0]!,
    startAtMs: 5000 })
  advance(state, 5000)
  assert.deepEqual(claims('easy'), [])
})

test('in strict order nobody claims behind a gang that lacks nodes', () => {
  assert.deepEqual(scene().claims('none'), [])
})

test('under conservative backfill nobody claims who would delay any that is planned', () => {
  const state = createState(toyPlant({
    sites: toyRow(4), limits: { site0: 310 }, queues: [{}, {}] }), true)
  const first = submit(state, { gpus: 3, nodes: 3, limitMs: 2000 })
  apply(state, { type: 'job.started', job: first, pool: 0, spans: [0, 3, 0] })
  apply(state, { type: 'job.running', job: first })
  // One gang can have its nodes after two seconds beside a single, and one all four after three.
  submit(state, { gpus: 3, nodes: 3, limitMs: 1000 })
  const planned = submit(state, { gpus: 4, nodes: 4, limitMs: 1000 })
  const single = submit(state, { queue: 1, limitMs: 6000 })
  const claims = (backfill: 'easy' | 'conservative') => claimants(state, {
    place: PLACES.pack!, backfill: BACKFILLS[backfill]!, isBefore: byRank,
  }).map(({ job }) => job)
  assert.deepEqual(claims('easy'), [single])
  assert.deepEqual(claims('conservative'), [])
  apply(state, { type: 'job.ended', job: planned, outcome: 'cancelled' })
  assert.deepEqual(claims('conservative'), [single])
})

test('behind one of its queue that lacks quota nobody claims who would not start', () => {
  const state = createState(toyPlant({
    sites: toyRow(3), limits: { site0: 120 }, queues: [{ quotaGpus: 2 }] }), true)
  const first = submit(state, { limitMs: 1000 })
  apply(state, { type: 'job.started', job: first, pool: 0, spans: [0, 1, 0] })
  apply(state, { type: 'job.running', job: first })
  submit(state, { gpus: 2, nodes: 2 })
  // Of another lane, since it names a device: with it the gang would lack quota for longer.
  const single = submit(state, { device: 0, limitMs: 5000 })
  const claims = (backfill: 'none' | 'easy' | 'conservative') => claimants(state, {
    place: PLACES.pack!, backfill: BACKFILLS[backfill]!, isBefore: byRank,
  }).map(({ job }) => job)
  assert.deepEqual(claims('easy'), [single])
  assert.deepEqual(claims('none'), [])
  assert.deepEqual(claims('conservative'), [])
})

test('of the pools of a job those without devices are passed over', () => {
  const state = createState(toyPlant({
    sites: toyRow([1, 1], [0, 2]), limits: { site0: 120 }, queues: [{}],
    systems: [{}, { gpus: 0 }] }), true)
  const first = submit(state, {})
  apply(state, { type: 'job.started', job: first, pool: 0, spans: [1, 2, 0] })
  apply(state, { type: 'job.running', job: first })
  const second = submit(state, {})
  const claims = claimants(state, {
    place: PLACES.pack!, backfill: BACKFILLS.easy!, isBefore: byRank })
  assert.deepEqual(claims.map(({ job }) => job), [second])
})

test('who overtakes others claims watts for its full size, as it would start', () => {
  const state = createState(toyPlant({
    sites: toyRow(4), limits: { site0: 120 }, queues: [{}, {}] }), true)
  const first = submit(state, {})
  apply(state, { type: 'job.started', job: first, pool: 0, spans: [0, 1, 0] })
  apply(state, { type: 'job.running', job: first })
  const gang = submit(state, { gpus: 4, nodes: 4 })
  submit(state, { gpus: 3, nodes: 3, leastNodes: 1, queue: 1, limitMs: 1000 })
  const claims = () => claimants(state, {
    place: PLACES.pack!, backfill: BACKFILLS.easy!, isBefore: byRank,
  }).map(({ row }) => row.devices[0])
  assert.deepEqual(claims(), [3])
  apply(state, { type: 'job.ended', job: gang, outcome: 'cancelled' })
  assert.deepEqual(claims(), [1])
})

test('who goes before a planned gang starts at the cap for which there are watts', () => {
  const { state, single } = scene()
  apply(state, { type: 'job.capped', job: 0, capW: 70, safeW: 70 })
  apply(state, { type: 'cap.confirmed', job: 0, capW: 70 })
  const { policies } = policiesOf(
    { order: 'fifo', backfill: 'conservative', place: 'pack', power: 'price' })
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  decide(state, policies, (step) => apply(state, step), round)
  const { phase, capW } = state.tables.jobs
  assert.deepEqual([phase[single], capW[single]], [PHASE.starting, 50])
})

test('who would start only after one that is given no watts claims none either', () => {
  const { state } = scene()
  const pair = submit(state, { gpus: 2, nodes: 2, priority: 1 })
  apply(state, { type: 'job.ended', job: 1, outcome: 'cancelled' })
  const [short, long] = [1000, 5000].map((limitMs) => submit(state, { queue: 1, limitMs }))
  apply(state, { type: 'job.ended', job: 2, outcome: 'cancelled' })
  const claimsOf = () => claimants(state, {
    place: PLACES.pack!, backfill: BACKFILLS.easy!, isBefore: byRank })
  // The pair has watts once the first job ends: until then one that is over by then may start.
  assert.deepEqual(claimsOf().map(({ job, behind }) => [job, behind]), [[pair, []], [short, []]])
  apply(state, { type: 'job.ended', job: short!, outcome: 'cancelled' })
  const claims = claimsOf()
  assert.deepEqual(claims.map(({ job, behind }) => [job, behind]), [[pair, []], [long, [0]]])
  assert.deepEqual(inTurn(claims, () => true), claims)
  assert.deepEqual(inTurn(claims, () => false).map(({ job }) => job), [pair])
})
