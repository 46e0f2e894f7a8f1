// Why a job waits for watts: what is free over time, who holds the rest under which cap, and the
// budgets, caps and pauses that would start it, in small factories with their exact sentences.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { advance, apply } from '../../src/core/apply.ts'
import { decide } from '../../src/core/decide.ts'
import { speedOfJob } from '../../src/core/caps.ts'
import { createState, forkState, type State } from '../../src/core/state.ts'
import { explain } from '../../src/core/why.ts'
import { PHASE, type LimitKind, type Step } from '../../src/model/index.ts'
import { policiesOf } from '../../src/policies/index.ts'
import { change } from '../../src/run/change.ts'
import { place, submit } from '../toy-state.ts'
import { toyPlant, toyRow } from '../toy-plant.ts'

const HOUR_MS = 3_600_000

/** Four nodes of four GPUs of 100 W, two in each rack. */
function stateOf(isPowered: boolean, limitW = 1e9): State {
  return createState(toyPlant({
    sites: toyRow(2, 2), systems: [{ gpus: 4 }], limits: { site0: limitW },
  }), isPowered)
}

function set(
  state: State, kind: LimitKind, watts: number, fromMs: number, untilMs: number, row = 0): void {
  apply(state, {
    type: 'limit.set', limit: row, feeder: 0, kind, watts, fromW: 2000, startAtMs: fromMs,
    holdAtMs: fromMs, holdEndAtMs: untilMs, endAtMs: untilMs, cause: '',
  })
}

function told(state: State, job: number, power = 'none') {
  return explain(state, job, policiesOf({
    order: 'fifo', backfill: 'none', place: 'pack', preempt: 'none', power,
  }))
}

function textsOf({ blockers, remedies }: ReturnType<typeof told>): string[] {
  return [
    ...blockers.flatMap(({ sentence, holders }) => [sentence, ...holders.map(({ name, amount, capW,
      orderedW }) => `- ${name} ${amount} ${capW} ${orderedW}`)]),
    ...remedies.map(({ sentence }) => `> ${sentence}`),
  ]
}

const LONG = { limitMs: 6 * HOUR_MS } as const

describe('where nothing is capped', () => {
  test('a budget that comes later: it fits now, and what moves, ends or lifts it starts it', () => {
    const state = stateOf(false)
    place(state, [0, 1, 0], { gpus: 4, name: 'a', ...LONG })
    set(state, 'budget', 900, 2 * HOUR_MS, 5 * HOUR_MS)
    const answer = told(state, submit(state, { gpus: 8, ...LONG }))
    assert.deepEqual(textsOf(answer), [
      'It fits at feeder site0 now, but not under the budget that begins in 2 h and lasts 3 h: it '
        + 'needs 800 W there, and 500 W are free then.',
      '- a 400 -1 -1',
      '> wait for job a to end, or stop it (4 GPUs, expected in 6 h)',
      '> let the budget of 900 W at site0 begin 4 h later',
      '> drop the budget of 900 W at site0',
      '> raise the limit of feeder site0 by 300 W, from 2 h from now until 5 h from now',
      '> wait 5 h, until the budget of 900 W at site0 ends',
    ])
    assert.deepEqual(answer.blockers[0]!.power, {
      feeder: 'site0', gpusPerMW: 0, steps: [
        { fromMs: 0, untilMs: 2 * HOUR_MS, needW: 800, haveW: 1e9 - 400 },
        { fromMs: 2 * HOUR_MS, untilMs: 5 * HOUR_MS, needW: 800, haveW: 500 },
        { fromMs: 5 * HOUR_MS, untilMs: 6 * HOUR_MS + 1, needW: 800, haveW: 1e9 - 400 },
      ],
    })
  })

  test('short now and shorter later, in segments; a plant\'s limit is not dropped', () => {
    const state = stateOf(false, 1100)
    place(state, [0, 1, 0], { gpus: 4, name: 'a', ...LONG })
    set(state, 'limit', 600, 2 * HOUR_MS, 5 * HOUR_MS)
    assert.deepEqual(textsOf(told(state, submit(state, { gpus: 8, ...LONG }))), [
      'It needs 800 W at feeder site0; 700 W are free for 2 h, then 200 W for 3 h, then 700 W.',
      '- a 400 -1 -1',
      '> raise the limit of feeder site0 by 600 W',
    ])
  })

  test('a cut without an end', () => {
    const state = stateOf(false)
    set(state, 'limit', 900, 2 * HOUR_MS, Number.MAX_SAFE_INTEGER)
    const [first] = textsOf(told(state, submit(state, { gpus: 12, ...LONG })))
    assert.equal(first, 'It fits at feeder site0 now, but not under the cut that begins in 2 h and '
      + 'has no end: it needs 1.2 kW there, and 900 W are free then.')
  })
})

/** A running job, its first order of a cap answered. */
function running(
  state: State, spans: readonly number[], given: Parameters<typeof place>[2]): number {
  const job = place(state, spans, given)
  apply(state, { type: 'job.running', job })
  return job
}

describe('where a power policy acts', () => {
  test('the fewest jobs are capped, as little as will do; or paused', () => {
    const state = stateOf(true, 1000)
    running(state, [0, 2, 0], { gpus: 8, name: 'large', ...LONG })
    running(state, [2, 3, 0b0001], { gpus: 1, name: 'small', ...LONG })
    const answer = told(state, submit(state, { gpus: 4, leastSpeed: 0.96, limitMs: HOUR_MS }),
      'price')
    assert.deepEqual(textsOf(answer), [
      'Feeder site0 has 100 W left and it needs 356 W at its lowest cap.',
      '- large 800 -1 -1',
      '- small 100 -1 -1',
      '> cap large at 68 W a GPU (88.8 % of its throughput), which costs it 6 min 43 s; it then '
        + 'starts at 89 W a GPU',
      '> pause large, which costs it 1 h',
      '> wait for job large to end, or stop it (8 GPUs, expected in 6 h)',
      '> raise the limit of feeder site0 by 256 W; it then starts at 89 W a GPU',
      '> ask for 1 GPU instead of 4',
    ])
  })

  test('a cap that is ordered, a pause, and where watts are scarce', () => {
    const state = stateOf(true, 1000)
    const large = running(state, [0, 2, 0], { gpus: 8, name: 'large', ...LONG })
    const small = running(state, [2, 3, 0b0001], { gpus: 1, name: 'small', ...LONG })
    apply(state, { type: 'job.capped', job: large, capW: 60, safeW: 60 })
    apply(state, { type: 'job.capped', job: small, capW: 0, safeW: 0 })
    apply(state, { type: 'cap.confirmed', job: small, capW: 0 })
    apply(state, { type: 'power.priced', feeders: [0], prices: [0.0005], drawPrices: [0] })
    const answer = told(state, submit(state, { gpus: 4, leastSpeed: 0.96 }), 'price')
    assert.deepEqual(textsOf(answer).slice(0, 2), [
      'Feeder site0 has 200 W left and it needs 356 W at its lowest cap.', '- large 800 -1 60',
    ])
    assert.equal(answer.blockers[0]!.power!.gpusPerMW, 500)
    assert.equal(state.tables.jobs.phase[small], PHASE.suspended)
    const paused = told(state, small, 'price')
    assert.equal(paused.state, 'paused')
    assert.deepEqual([paused.job.capW, paused.job.speed, paused.job.scarce],
      [0, 0, [{ feeder: 'site0', gpusPerMW: 500 }]])
  })

  test('it starts next under a cap', () => {
    const state = stateOf(true, 1000)
    running(state, [0, 2, 0], { gpus: 8, name: 'large', ...LONG })
    const answer = told(state, submit(state, { gpus: 4 }), 'price')
    assert.deepEqual([answer.startsNext, answer.startCapW], [true, 50])
  })

  test('what comes later is met by the least that jobs can be held to', () => {
    const state = stateOf(true, 2000)
    running(state, [0, 2, 0], { gpus: 8, name: 'kept', leastSpeed: 0.91, ...LONG })
    set(state, 'budget', 700, 2 * HOUR_MS, 5 * HOUR_MS)
    advance(state, HOUR_MS)
    const [first, ...rest] = textsOf(told(state,
      submit(state, { gpus: 4, leastSpeed: 0.91, ...LONG }), 'price'))
    assert.equal(first, 'It fits at feeder site0 now, but not under the budget that begins in 1 h '
      + 'and lasts 3 h: it needs 300 W there, and 100 W are free then.')
    assert.deepEqual(rest, [
      '- kept 600 -1 -1',
      '> wait for job kept to end, or stop it (8 GPUs, expected in 5 h)',
      '> let the budget of 700 W at site0 begin 5 h later',
      '> drop the budget of 700 W at site0',
      '> raise the limit of feeder site0 by 200 W, from 1 h from now until 4 h from now',
      '> wait 4 h, until the budget of 700 W at site0 ends',
    ])
  })
})

/** What all running jobs do: devices at work, at full throughput. */
function workOf(state: State): number {
  const { layout, tables: { jobs }, totals } = state
  let sum = 0
  for (let job = 0; job < totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.running) continue
    const pool = layout.pools[jobs.pool[job]!]!
    sum += jobs.worth[job]! * jobs.heldGpus[job]! * speedOfJob(state, job, pool, jobs.capW[job]!)
  }
  return sum
}

/** Rounds of the policies with an engine that obeys at once, for a quarter of an hour. */
function settle(state: State): void {
  const { policies } = policiesOf({
    order: 'fifo', backfill: 'none', place: 'pack', preempt: 'none', power: 'price',
  })
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  for (let step = 0; step < 15; step++) {
    const orders: Extract<Step, { type: 'job.capped' }>[] = []
    decide(state, policies, (decided) => {
      apply(state, decided)
      if (decided.type === 'job.capped') orders.push(decided)
    }, round)
    for (const { job, capW } of orders) apply(state, { type: 'cap.confirmed', job, capW })
    advance(state, state.totals.nowMs + 60_000)
  }
  assert.equal(round.lastProblem, '')
}

test('what a megawatt is worth is what a what-if of more watts gains', () => {
  const state = stateOf(true, 1000)
  running(state, [0, 2, 0], { gpus: 8, name: 'large', ...LONG })
  running(state, [2, 3, 0], { gpus: 4, name: 'dear', worth: 2, ...LONG })
  apply(state, { type: 'limit.set', limit: 0, feeder: 0, kind: 'limit', watts: 900, fromW: 1000,
    startAtMs: 60_000, holdAtMs: 60_000, holdEndAtMs: 1e9, endAtMs: 1e9, cause: '' })
  advance(state, 60_000)
  settle(state)
  const { gpusPerMW } = told(state, 0, 'price').job.scarce[0]!
  const names = { order: 'fifo', backfill: 'none', place: 'pack', power: 'price' }
  const more = change({ state: forkState(state), policies: names }, 'limit site0 +8 W').state
  settle(more)
  const gain = workOf(more) - workOf(state)
  // Two of the points of a curve are 35 W apart, and this is between them.
  assert.equal(gain.toFixed(3), '0.056')
  assert.equal((gpusPerMW * 8 / 1_000_000).toFixed(3), '0.056')
})
