// Compares factories of a few nodes with and without changes, in cases that were worked out by
// hand; the text of one for people; and that the same seeds give the same, with nothing touched.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MINUTE_MS as MINUTE, traceJob, type ToyJob } from '../../test/schedule.ts'
import { runTo, worldAt } from '../../test/swarm/middle.ts'
import { toyPlant, toyRow, type ToyPlan } from '../../test/toy-plant.ts'
import { forkState, hashState } from '../core/state.ts'
import { PLAIN } from '../model/index.ts'
import type { Arrival } from './ahead.ts'
import { change, type World } from './change.ts'
import { renderWhatIf, type Story } from './report/what-if.ts'
import { whatIf, type WhatIf, type WhatIfOptions } from './whatif.ts'

const NAMES = { order: 'fifo', backfill: 'none', place: 'pack' }

/** a holds all four nodes to minute 60, then b runs to 90, c and d beside one another to 130. */
const JOBS: readonly ToyJob[] = [
  { id: 'a', gpus: 4, work: 60 }, { id: 'b', gpus: 4, work: 30, at: 1 },
  { id: 'c', gpus: 2, work: 40, at: 2 }, { id: 'd', gpus: 1, work: 20, at: 3 },
]

function factory(plan: ToyPlan = { sites: toyRow(4) }, jobs = JOBS): World {
  const state = runTo(toyPlant(plan), jobs.map(traceJob), NAMES, 10 * MINUTE)
  return { state, policies: NAMES }
}

function compare(
  texts: readonly string[], without = factory(), given: Partial<WhatIfOptions> = {},
): { result: WhatIf, story: Story } {
  let world: World = { ...without, state: forkState(without.state) }
  const story = { doings: [] as string[], notes: [] as string[] }
  for (const text of texts) {
    const { doing, note, ...after } = change(world, text)
    world = after
    story.doings.push(doing)
    if (note !== undefined) story.notes.push(note)
  }
  const steps = whatIf(without, world, {
    seed: 1, seeds: 2, untilMs: 250 * MINUTE, failures: true, arrivals: [], ...given,
  })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return { result: step.value, story }
  }
}

/** "b 50>0": minutes of waiting without and with, from minute 10 on. */
function waits({ jobs }: WhatIf): string {
  return jobs.map((job) =>
    `${job.name} ${job.without.mean / MINUTE}>${job.with.mean / MINUTE}`).join(' ')
}

describe('by hand, from minute 10', () => {
  test('the course says what is busy and what waits, step by step', () => {
    const { course } = compare(['add 4 nodes'], factory(), { steps: 24 }).result
    assert.equal(course?.stepMs, 10 * MINUTE)
    assert.equal(course.without.busyGpus.mean.length, 25)
    // With the new nodes b starts at once; c and d wait on.
    assert.deepEqual(course.without.waitingGpus.mean.slice(0, 3), [7, 7, 7])
    assert.deepEqual(course.with.waitingGpus.mean.slice(0, 3), [7, 3, 3])
    assert.equal(compare(['add 4 nodes']).result.course, undefined)
  })

  test('four more nodes', () => {
    const { result } = compare(['add 4 nodes'])
    // b at once, to minute 40; then c and d.
    assert.equal(waits(result), 'b 50>0 c 80>30 d 80>30')
    assert.deepEqual([result.waiting, result.earlier, result.later], [3, 3, 0])
    const { figures } = result
    assert.equal(figures.meanWaitMs.without.mean, 70 * MINUTE)
    assert.equal(figures.meanWaitMs.difference.mean, -50 * MINUTE)
    assert.equal(figures.p90WaitMs.with.mean, 30 * MINUTE)
    assert.equal(figures.jobsStarted.without.mean, 3)
    assert.equal(figures.jobsFinished.with.mean, 4)
    // 4 × 50 + 4 × 30 + 2 × 40 + 20 GPU-minutes, in both, over 240 minutes of 4 and 8 GPUs.
    assert.equal(figures.usefulGpuHours.without.mean, 7)
    assert.equal(figures.usefulGpuHours.with.mean, 7)
    assert.equal(figures.utilizationRatio.without.mean, 420 / 960)
    assert.equal(figures.utilizationRatio.with.mean, 420 / 1920)
    // A node draws 100 W when it works and nothing when it does not: 7 GPU-hours of 100 W.
    assert.ok(Math.abs(figures.energyMWh.without.mean - 0.0007) < 1e-12)
  })

  test('a job less, a job held, a queue that is full, less power', () => {
    assert.equal(waits(compare(['cancel b']).result), 'c 80>50 d 80>50')
    assert.equal(waits(compare(['cancel a']).result), 'b 50>0 c 80>30 d 80>30')
    // Held, b does not start within the 240 minutes.
    assert.equal(waits(compare(['hold b']).result), 'b 50>240 c 80>50 d 80>50')
    // In strict order a job that its quota holds back holds back its queue.
    assert.equal(waits(compare(['quota queue0 3']).result), 'b 50>240 c 80>240 d 80>240')
    // Two nodes at 100 W each: a goes on to 60, b needs four, and in strict order all wait.
    const tight = factory({ sites: toyRow(4), limits: { site0: 1e6 } })
    assert.equal(waits(compare(['limit site0 200 W'], tight).result), 'b 50>240 c 80>240 d 80>240')
    assert.equal(waits(compare(['limit site0 200 W', 'backfill easy'], tight).result)
      .includes('c 80>50'), true)
  })

  test('a node drained, and a node gone', () => {
    assert.equal(waits(compare(['drain 1 node']).result), 'b 50>240 c 80>240 d 80>240')
    // a waits again too, and needs four nodes.
    const { result, story } = compare(['remove 1 node'])
    assert.equal(waits(result), 'b 50>240 c 80>240 d 80>240')
    assert.deepEqual(story.notes, ['Jobs that ran on the nodes and wait again: 1.'])
    assert.equal(result.figures.usefulGpuHours.with.mean, 0)
  })

  test('one more job comes last, or first where it has priority', () => {
    const { result } = compare(['submit 4 gpus 30m'])
    assert.equal(result.submitted!.waitMs.mean, 120 * MINUTE)
    assert.equal(result.submitted!.unseen, 0)
    assert.equal(waits(result), 'b 50>50 c 80>80 d 80>80')
    const lanes = factory({ sites: toyRow(4), queues: [{}, { priority: 5 }] })
    const first = compare(['order priority', 'submit 4 gpus 30m queue queue1'], lanes).result
    assert.equal(first.submitted!.waitMs.mean, 50 * MINUTE)
    assert.equal(waits(first), 'b 50>80 c 80>110 d 80>110')
    assert.deepEqual([first.earlier, first.later], [0, 3])
  })

  test('jobs that come meanwhile are the same in both', () => {
    const arrivals = [20, 100].map((minute): Arrival => ({
      atMs: minute * MINUTE,
      request: { name: '', queue: 0, gpus: 4, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0,
        device: -1, level: 4, priority: 0, limitMs: 10 * MINUTE, ...PLAIN },
      after: [],
    }))
    const { result } = compare(['cancel b'], undefined, { arrivals })
    assert.equal(result.figures.jobsStarted.without.mean, 5)
    assert.equal(result.figures.jobsStarted.with.mean, 4)
    assert.equal(result.arrivals, 2)
    assert.equal(waits(result), 'c 80>50 d 80>50')
  })
})

describe('for people', () => {
  const text = (texts: readonly string[], without?: World, given?: Partial<WhatIfOptions>) => {
    const { result, story } = compare(texts, without, given)
    return renderWhatIf(result, story)
  }

  test('the whole text', () => {
    assert.equal(text(['add 4 nodes']), `\
Adding 4 nodes starts b 50 min earlier; 3 jobs start earlier, none later.

in 4 h, estimated                 without    with  difference  spread
jobs started                            3       3           0
jobs finished                           4       4           0
of those waiting now, started           3       3           0
wait from now, their mean      1 h 10 min  20 min     -50 min
wait from now, their p90       1 h 20 min  30 min     -50 min
GPU-hours of work done                  7       7           0
GPUs in use                        43.8 %  21.9 %     -21.9 %
energy, MWh                           0.0     0.0         0.0

waiting jobs that move most  GPUs     without    with  difference  spread
b                               4      50 min     0 s     -50 min
c                               2  1 h 20 min  30 min     -50 min
d                               1  1 h 20 min  30 min     -50 min

Estimates for 4 h from 10 min on, in 2 futures, the same without and with. Run times are drawn from
how long jobs of each queue ran before against their limits, failures by their rates. No more jobs
come.
`)
  })

  const first = (...parameters: Parameters<typeof text>) => 
    text(...parameters).split('\n\n')[0]!.replaceAll('\n', ' ')

  test('the first sentence', () => {
    assert.equal(first(['hold b']),
      'Holding b starts b at least 3 h 10 min later; 2 jobs start earlier, 1 later.')
    assert.equal(first(['place spread']), 'The place policy spread instead of pack: of 3 waiting '
      + 'jobs none starts earlier or later.')
    assert.equal(first(['submit 1 gpu 1h']), 'One more job of 1 GPU for 1 h starts in 1 h 20 min; '
      + 'of 3 waiting jobs none starts earlier or later.')
    assert.equal(first(['submit 4 gpus 1h'], undefined, { untilMs: 100 * MINUTE }),
      'One more job of 4 GPUs for 1 h starts not within 1 h 30 min; of 3 waiting jobs none starts '
      + 'earlier or later.')
    const quiet = factory(undefined, JOBS.slice(0, 1))
    assert.equal(first(['add 1 node'], quiet), 'Adding 1 node: no job waits now.')
    assert.equal(first(['cancel a', 'submit 4 gpus 1h'], quiet),
      'Cancelling a and one more job of 4 GPUs for 1 h: the new job starts at once; no other job '
      + 'waits now.')
  })

  test('names cannot steer the terminal', () => {
    const jobs = [JOBS[0]!, { ...JOBS[1]!, id: `b\u001b[2J\n${'x'.repeat(99)}` }]
    const shown = text(['add 4 nodes'], factory(undefined, jobs))
    assert.doesNotMatch(shown, /(?!\n)\p{Cc}/u)
    assert.ok(shown.split('\n').every((line) => line.length <= 100))
  })
})

test('random worlds: the same seeds give the same, no state is touched, no change no difference',
  () => {
    for (let seed = 1; seed <= 40; seed++) {
      const world = worldAt(seed)
      const hash = hashState(world.state)
      const options = { untilMs: world.state.totals.nowMs + 1000 * MINUTE, seed }
      const { result } = compare(['backfill easy'], world, options)
      assert.deepEqual(compare(['backfill easy'], world, options).result, result)
      assert.equal(hashState(world.state), hash)
      const { backfill } = world.policies
      for (const figure of Object.values(compare([`backfill ${backfill}`], world, options)
        .result.figures)) {
        assert.deepEqual(figure.difference, { mean: 0, least: 0, most: 0 }, `world ${seed}`)
      }
    }
  })
