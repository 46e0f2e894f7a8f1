// Shows caps by prices on cases small enough to check by hand: who gives, pauses, ties and shorts.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { allocate } from './allocate.ts'
import { allocateByPriority } from './allocate-priority.ts'
import { allocateEvenly } from './allocate-even.ts'
import {
  columnsOf, optionsOf, type PowerJob, type PowerOptions, type PowerTree,
} from './allocate-input.ts'

const STEEP: PowerOptions = {
  grantW: [100, 200, 400], drawW: [100, 200, 400], value: [40, 80, 100], canPause: false,
}
const FLAT: PowerOptions = {
  grantW: [100, 200, 400], drawW: [100, 200, 400], value: [90, 95, 100], canPause: false,
}
const PAUSED: PowerOptions = {
  grantW: [0, 300, 400], drawW: [0, 300, 400], value: [0, 90, 100], canPause: true,
}

function site(limitW: number, options: readonly PowerOptions[], devices = 1) {
  const tree: PowerTree = {
    parent: Int32Array.of(-1, 0), ratioPer10k: Int32Array.of(10_000, 12_500),
    baseW: Float64Array.of(10, 0), limitW: Float64Array.of(limitW, Infinity),
    targetW: Float64Array.of(Infinity, Infinity),
  }
  const jobs = options.map((each, job): PowerJob => (
    { options: each, feeders: [1], devices: [devices], priority: job }))
  return { tree, jobs: columnsOf(jobs) }
}

test('with room for all nothing is capped and every price is 0', () => {
  const { tree, jobs } = site(1010, [STEEP, FLAT])
  const { grantW, grantPrice, value, loadW } = allocate(tree, jobs)
  assert.deepEqual([...grantW], [400, 400])
  assert.deepEqual([...grantPrice], [0, 0])
  assert.equal(value, 200)
  assert.equal(loadW[0], 1010)
})

test('the job that loses least gives first, to the watt; the price is what a watt is worth', () => {
  // 10 W of base, and 1.25 W above for a watt here: 500 W is left for both.
  const { tree, jobs } = site(10 + 625, [STEEP, FLAT])
  const { grantW, grantPrice, loadW } = allocate(tree, jobs)
  assert.deepEqual([...grantW], [400, 100])
  assert.equal(loadW[0], 635)
  const perW = grantPrice[0]! * 1.25
  assert.ok(perW > 0.049 && perW < 0.101, `${perW} for a watt`)
})

test('equal jobs are not all paused or all run; ties go to the lowest id', () => {
  const { tree, jobs } = site(10 + 1250, [PAUSED, PAUSED, PAUSED, PAUSED])
  const { grantW, isPaused, value, loadW } = allocate(tree, jobs)
  assert.deepEqual([...isPaused], [0, 0, 0, 1])
  assert.equal(grantW[0]! + grantW[1]! + grantW[2]!, 1000)
  assert.equal(value, 280)
  assert.equal(loadW[0], 1260)
})

test('where the floors do not fit it says at which feeder and by how much', () => {
  const { tree, jobs } = site(200, [STEEP, FLAT])
  for (const share of [allocate, allocateEvenly, allocateByPriority]) {
    const { grantW, shorts } = share(tree, jobs)
    assert.deepEqual([...grantW], [100, 100], share.name)
    assert.deepEqual(shorts, [{ feeder: 0, isDraw: false, byW: 60 }], share.name)
  }
})

test('even gives equal parts, by priority takes from the lowest', () => {
  const { tree, jobs } = site(10 + 625, [STEEP, FLAT])
  assert.deepEqual([...allocateEvenly(tree, jobs).grantW], [250, 250])
  assert.deepEqual([...allocateByPriority(tree, jobs).grantW], [100, 400])
})

test('a curve becomes points above idle; a promise lifts the floor and forbids the pause', () => {
  const curve = {
    capW: [200, 400, 700], speed: [0.3, 0.8, 1], drawW: [199, 395, 647], drawSdW: [0, 0, 0],
  }
  const free = optionsOf(curve, { idleW: 70, pausedW: 121.7, weight: 2, devices: 8 })
  assert.deepEqual(free.grantW, [52, 130, 330, 630])
  assert.deepEqual(free.value.map((value) => Math.round(value * 10)), [0, 48, 128, 160])
  assert.equal(free.canPause, true)
  const bound = optionsOf(curve, {
    idleW: 70, pausedW: 121.7, weight: 2, devices: 8, leastSpeed: 0.55,
  })
  assert.deepEqual(bound.grantW, [230, 330, 630])
  assert.equal(bound.canPause, false)
})

test('in equal parts too, who need not have been paused for a larger one goes on', () => {
  // The last is paused first and is too small; once the first is paused it could have stayed.
  const { tree, jobs } = site(10 + 500, [PAUSED, PAUSED])
  const large = { ...jobs, shareDevices: Int32Array.of(2, 1) }
  assert.deepEqual([...allocateEvenly(tree, large).grantW], [0, 400])
})
