// What every power policy has to do, on random power trees with random jobs. A policy joins by
// being registered in src/policies/index.ts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { grantLoads } from '../../src/core/allocate-loads.ts'
import type { PowerCase } from '../power/random-power.ts'
import { caseOf } from '../power/random-power.ts'
import type { PowerPolicy } from '../../src/policies/policy.ts'

const CASES = 60
const MOST_JOBS = 60

export function powerSuite({ name, allocate }: PowerPolicy): void {
  describe(`power ${name}`, () => {
    test('no feeder grants more than its limit, to the watt, unless floors alone do', () => {
      forEachCase(({ tree, jobs }) => {
        const { grantW, shorts } = allocate(tree, jobs)
        const loadW = grantLoads(tree, jobs, grantW)
        const short = new Set(shorts.filter((each) => !each.isDraw).map((each) => each.feeder))
        loadW.forEach((watts, feeder) => {
          if (!short.has(feeder)) assert.ok(watts <= tree.limitW[feeder]!, `feeder ${feeder}`)
        })
      })
    })

    test('each job gets whole watts that can be set', () => {
      forEachCase(({ jobs }, { grantW, isPaused }) => {
        grantW.forEach((watts, job) => {
          const first = jobs.pointStart[job]!
          const last = jobs.pointStart[job + 1]! - 1
          assert.ok(Number.isInteger(watts))
          assert.ok(watts >= jobs.grantW[first]! && watts <= jobs.grantW[last]!)
          const isPause = jobs.canPause[job] === 1 && watts === jobs.grantW[first]
          assert.equal(isPaused[job] === 1, isPause)
          if (jobs.canPause[job] === 1 && !isPause) assert.ok(watts >= jobs.grantW[first + 1]!)
        })
      })
    })

    test('nothing is taken from anybody where all fits', () => {
      forEachCase(({ tree, jobs }) => {
        const free = new Float64Array(tree.limitW.length).fill(Infinity)
        const { grantW } = allocate({ ...tree, limitW: free, targetW: free }, jobs)
        grantW.forEach((watts, job) => {
          assert.equal(watts, jobs.grantW[jobs.pointStart[job + 1]! - 1])
        })
      })
    })

    test('the same tree and jobs, the same watts', () => {
      forEachCase(({ tree, jobs }, { grantW }) => {
        assert.deepEqual(allocate(tree, jobs).grantW, grantW)
      })
    })
  })

  function forEachCase(
    check: (each: PowerCase, allotment: ReturnType<typeof allocate>) => void): void {
    for (let number = 0; number < CASES; number++) {
      const each = caseOf(number, MOST_JOBS)
      check(each, allocate(each.tree, each.jobs))
    }
  }
}
