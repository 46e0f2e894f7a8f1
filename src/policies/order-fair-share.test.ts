// Shows that queues get what their weights say: a small schedule worked out by hand, and saturated
// months that converge within a percent, flat and in a tree.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule, MINUTE_MS, runScene, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow, type ToyQueue } from '../../test/toy-plant.ts'

const policies = 'fair-share none pack'
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS

test('who has had least for its weight goes next', () => {
  // Weight 1 against 2, one node. a has a minute, then x and y of the second queue two. Both have
  // had the same for their weight, but a's minute lies further back: b, then z, then c.
  const plant = toyPlant({ sites: toyRow(1), queues: [{ weight: 1 }, { weight: 2 }] })
  const jobs = [{ id: 'a', work: 1 }, { id: 'b', work: 1 }, { id: 'c', work: 1 },
    { id: 'x', work: 1, queue: 'queue1' }, { id: 'y', work: 1, queue: 'queue1' },
    { id: 'z', work: 1, queue: 'queue1' }]
  assert.equal(drawSchedule({ plant, jobs, policies }), `
axybzc
`)
})

/** GPU time that each queue's jobs held in a month in which all have more than enough to do. */
function sharesOf(queues: readonly ToyQueue[]): number[] {
  const plant = toyPlant({ sites: toyRow(20), queues })
  const leaves = plant.queues.filter((_, at) => !queues.some((other) => other.parent === at))
  const jobs = leaves.flatMap((queue) => Array.from({ length: 1600 }, (_, job): ToyJob => ({
    id: '', queue: queue.name, work: 60 + ((job * 37) % 300), gpus: 1 + (job % 3),
  })))
  const held = plant.queues.map(() => 0)
  runScene({ plant, jobs, policies, untilMs: MONTH_MS, checkEvery: 500 }, undefined,
    ({ tables, totals }, event) => {
      if (event.type !== 'job.ended') return
      const { queue, gpus, startAtMs } = tables.jobs
      const at = queue[event.job]!
      held[at] = held[at]! + gpus[event.job]! * (totals.nowMs - startAtMs[event.job]!)
    })
  const all = held.reduce((sum, each) => sum + each, 0)
  return held.map((each) => each / all)
}

function near(found: readonly number[], wanted: readonly number[]): void {
  for (const [at, share] of wanted.entries()) {
    assert.ok(Math.abs(found[at]! - share) < 0.01, `${found.join(' ')} are not ${wanted.join(' ')}`)
  }
}

test('a saturated month goes by the weights', () => {
  const queues: readonly ToyQueue[] = [{ weight: 1 }, { weight: 2 }, { weight: 5 }]
  near(sharesOf(queues), [1 / 8, 2 / 8, 5 / 8])
})

test('in a tree, the weights of each level share what the level above gets', () => {
  const queues: readonly ToyQueue[] = [{ weight: 3 }, { weight: 1 }, { parent: 0, weight: 1 },
    { parent: 0, weight: 2 }]
  near(sharesOf(queues), [0, 1 / 4, 1 / 4, 2 / 4])
})
