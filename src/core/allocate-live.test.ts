// Shows that an allotment kept through 400 random changes stays within limits and near its bound.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { randomStream } from '../base/random.ts'
import { caseOf, jobsOf } from '../../test/power/random-power.ts'
import { LiveAllotment } from './allocate-live.ts'
import { grantLoads } from './allocate-loads.ts'
import { columnsOf, type PowerJob, type PowerTree } from './allocate-input.ts'

const CHANGES = 400

test('jobs come, go and change, limits move; the sums stay exact and the gap small', () => {
  const { tree, jobs } = caseOf(12, 200)
  const random = randomStream(1, 'live')
  const live = new LiveAllotment(tree)
  const list: (PowerJob | undefined)[] = []
  for (const job of jobsOf(jobs)) list[live.put(job)] = job
  live.settle()
  const limitW = tree.limitW.slice()
  for (let change = 0; change < CHANGES; change++) {
    const row = random.below(list.length)
    const job = list[row]
    if (random.below(10) === 0) {
      const feeder = random.below(limitW.length)
      if (limitW[feeder]! < Infinity) limitW[feeder] = Math.floor(limitW[feeder]! * 1.002)
      live.setLimit(feeder, limitW[feeder]!)
    } else if (job === undefined) {
      list[row] = jobsOf(jobs)[row]!
      assert.equal(live.add(list[row]), row)
    } else if (random.below(2) === 0) {
      live.remove(row)
      list[row] = undefined
      const again = jobsOf(jobs)[row]!
      assert.equal(live.add(again), row)
      list[row] = again
    } else {
      const value = job.options.value.map((worth) => worth * (0.95 + 0.1 * random.uniform()))
      value.sort((a, b) => a - b)
      list[row] = { ...job, options: { ...job.options, value } }
      live.change(row, list[row])
    }
    check(live, list, { ...tree, limitW })
  }
  assert.ok(live.solutions < 0.75 * CHANGES, `${live.solutions} full solutions`)
})

function check(live: LiveAllotment, list: (PowerJob | undefined)[], tree: PowerTree): void {
  const here = list.flatMap((job, row) => (job === undefined ? [] : [{ job, row }]))
  const columns = columnsOf(here.map(({ job }) => job))
  const loadW = grantLoads(tree, columns, Float64Array.from(here, ({ row }) => live.grantOf(row)))
  loadW.forEach((watts, at) => assert.ok(watts <= tree.limitW[at]!, `feeder ${at}: ${watts} W`))
  assert.ok(live.value <= live.boundValue * (1 + 1e-9))
  assert.ok(live.value >= live.boundValue * 0.97, `${live.value} of ${live.boundValue}`)
}
