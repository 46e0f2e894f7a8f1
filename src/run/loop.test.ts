// Shows the turns of the loop: what comes at one instant is taken together and decided on once,
// when a run ends, and what people ask in between.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Policy } from '../core/decide.ts'
import { createState } from '../core/state.ts'
import { Twin } from '../engines/twin/twin.ts'
import { JournalWriter } from '../journal/writer.ts'
import type { FailurePlan, Intent } from '../model/index.ts'
import { drawSchedule, MINUTE_MS, traceJob, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { policiesOf } from '../policies/index.ts'
import { runLoop, type Downtime } from './loop.ts'
import { Recorder } from './record.ts'

const NAMES = { order: 'fifo', backfill: 'none', place: 'pack' }

type Run = {
  readonly jobs: readonly ToyJob[]
  readonly untilMinute?: number
  readonly intents?: readonly (readonly [number, Intent])[]
  readonly failures?: Partial<FailurePlan>
  readonly extra?: Policy
  readonly downtimes?: readonly Downtime[]
}

function run(
  { jobs, untilMinute = Infinity, intents = [], failures = {}, extra, downtimes = [] }: Run) {
  const state = createState(toyPlant({ sites: toyRow(4), failures }))
  const twin = new Twin(state, 1)
  const recorder = new Recorder(state, twin)
  const list = jobs.map(traceJob)
  const rounds: string[] = []
  let job = 0
  let intent = 0
  const watcher: Policy = {
    name: 'watcher',
    *run(view) {
      const { nowMs, pending, running } = view.totals
      rounds.push(`${nowMs / MINUTE_MS}: ${pending} wait, ${running} run`)
      if (extra !== undefined) yield* extra.run(view)
    },
  }
  const { policies, rankOf } = policiesOf(NAMES)
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  runLoop({
    state, twin, recorder, rankOf, round, policies: [watcher, ...policies],
    journal: new JournalWriter(undefined, { format: 4, version: '', factory: {}, catalogue: '',
      seed: 1, policies: NAMES }),
    source: {
      peekAtMs: () => list[job]?.submitAtMs ?? Infinity,
      next: () => ({ job: list[job]!, name: list[job++]!.id }),
    },
    intents: {
      peekAtMs: () => (intents[intent]?.[0] ?? Infinity) * MINUTE_MS,
      next: () => intents[intent++]![1],
    },
    downtimes,
    checkEvery: 1,
    onBroken: (problems) => { throw new Error(problems.join('; ')) },
  }, untilMinute * MINUTE_MS, () => {})
  return { state, recorder, rounds, round, endMinute: state.totals.nowMs / MINUTE_MS }
}

describe('turns', () => {
  test('what comes at one instant is decided on once', () => {
    const { rounds } = run({ jobs: [{ id: 'a', work: 2, gpus: 4 }, { id: 'b', work: 1, gpus: 2 },
      { id: 'c', work: 1, gpus: 2 }, { id: 'd', work: 1, at: 2 }] })
    // d comes when a ends: both are in one turn. Nobody waits any more when b and c end.
    assert.deepEqual(rounds, ['0: 3 wait, 0 run', '2: 3 wait, 0 run', '3: 1 wait, 0 run'])
  })

  test('while the controller is gone nothing is heard, ordered or taken; then all of it', () => {
    const { rounds } = run({ jobs: [{ id: 'a', work: 3, gpus: 4 }, { id: 'b', work: 1, gpus: 2 },
      { id: 'c', work: 1, gpus: 2, at: 4 }],
    downtimes: [{ startAtMs: 2 * MINUTE_MS, endAtMs: 7 * MINUTE_MS }] })
    // a ends at 3 and c comes at 4: both are known at 7.
    assert.deepEqual(rounds, ['0: 2 wait, 0 run', '7: 2 wait, 0 run'])
  })

  test('without anything new there is no round', () => {
    const { rounds } = run({ jobs: [{ id: 'a', work: 9, gpus: 4 }, { id: 'b', work: 1 }],
      intents: [[3, { type: 'cancel', job: 77 }], [5, { type: 'hold', job: 0 }]] })
    assert.deepEqual(rounds, ['0: 2 wait, 0 run', '9: 1 wait, 0 run'])
  })

  test('what the guard refuses is counted and changes nothing', () => {
    const greedy: Policy = {
      name: 'greedy',
      *run() {
        const taken = yield { steps: [{ type: 'job.started', job: 0, pool: 0, spans: [0, 9, 0] }] }
        assert.equal(taken, false)
      },
    }
    const { round, recorder } = run({ jobs: [{ id: 'a', work: 1 }], extra: greedy })
    assert.equal(round.refused, 1)
    assert.match(round.lastProblem, /^watcher: I3 bad span 0-9/)
    assert.equal(recorder.jobs.completed, 1)
  })
})

describe('the end', () => {
  const jobs = [{ id: 'a', work: 5, gpus: 4 }, { id: 'b', work: 5, gpus: 4 }]

  test('is the last job\'s, or the time that was asked for', () => {
    assert.equal(run({ jobs }).endMinute, 10)
    const cut = run({ jobs, untilMinute: 7 })
    assert.equal(cut.endMinute, 7)
    assert.deepEqual([cut.state.totals.running, cut.recorder.jobs.completed], [1, 1])
    assert.equal(run({ jobs, untilMinute: 99 }).endMinute, 99)
    assert.equal(run({ jobs: [] }).endMinute, 0)
  })

  test('is not before repairs that a waiting job needs', () => {
    const classes = [{ name: 'host', ratePerHour: 3, unit: 'node', reach: 'node',
      repairMs: [MINUTE_MS, MINUTE_MS], slowRatio: 1 }] as const
    const { recorder } = run({ jobs, failures: { classes, checkpointSaveMs: 1000 } })
    assert.equal(recorder.jobs.completed, 2)
    assert.ok(recorder.jobs.restarts > 0)
  })

  test('comes when what waits could only start by the hand of a person', () => {
    const { endMinute, state } = run({ jobs: [...jobs, { id: 'c', work: 1, at: 1 }],
      intents: [[2, { type: 'hold', job: 2 }]] })
    assert.deepEqual([endMinute, state.totals.pending], [10, 1])
  })
})

test('a job that is cancelled leaves at once, running or not', () => {
  assert.equal(drawSchedule({
    plant: toyPlant({ sites: toyRow(1) }),
    jobs: [{ id: 'a', work: 9 }, { id: 'b', work: 1 }, { id: 'c', work: 2 }],
    intents: [[2, { type: 'cancel', job: 1 }], [3, { type: 'cancel', job: 0 }]],
  }), `
aaacc
`)
})

test('a job of a queue or device type that there is not is refused, and the run goes on', () => {
  const { recorder } = run({ jobs: [{ id: 'a', work: 1, queue: 'nowhere' },
    { id: 'b', work: 1, device: 'abacus' }, { id: 'c', work: 1, gpus: 5 }, { id: 'd', work: 1 }] })
  assert.deepEqual([recorder.jobs.refused, recorder.jobs.completed], [3, 1])
})
