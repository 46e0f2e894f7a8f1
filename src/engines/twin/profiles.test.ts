// Shows the formula of progress against a simulation in steps of a millisecond: work, stalls and
// what the last checkpoint holds, at any time, speed and interval.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Profiles, type Profile } from './profiles.ts'

type Plan = {
  readonly everyMs: number
  readonly stallMs: number
  readonly speed: number
  readonly workMs: number
  /** Where the segment begins: work done, and the part that is saved. */
  readonly segmentWorkMs: number
  readonly savedMs: number
}

function profileOf(plan: Plan): Profile {
  const profiles = new Profiles()
  profiles.reserve(0)
  const profile = profiles.of(0)
  profile.everyMs = plan.everyMs
  profile.stallMs = plan.stallMs
  profile.speed = plan.speed
  profile.workMs = plan.workMs
  profile.segmentWorkMs = plan.segmentWorkMs
  profile.segmentSavedMs = plan.savedMs
  return profile
}

/** Works or stalls, a millisecond at a time, until all is done; the state after each of them. */
function simulate(plan: Plan): { workMs: number, savedMs: number, stalledMs: number }[] {
  let { segmentWorkMs: workMs, savedMs } = plan
  let stalledMs = 0
  let stallLeftMs = 0
  const steps = [{ workMs, savedMs, stalledMs }]
  while (workMs < plan.workMs) {
    if (workMs - savedMs === plan.everyMs && stallLeftMs === 0) stallLeftMs = plan.stallMs
    if (stallLeftMs > 0) {
      stallLeftMs--
      stalledMs++
      if (stallLeftMs === 0) savedMs += plan.everyMs
    } else {
      if (workMs - savedMs === plan.everyMs) savedMs = workMs
      workMs += plan.speed
    }
    steps.push({ workMs, savedMs, stalledMs })
  }
  return steps
}

/** Speeds whose sums are exact, and intervals that they divide. */
const plans = fc.record({
  speed: fc.constantFrom(1, 0.5, 0.25),
  everyMs: fc.integer({ min: 1, max: 12 }),
  stallMs: fc.integer({ min: 1, max: 9 }),
  workMs: fc.integer({ min: 1, max: 60 }),
  segmentWorkMs: fc.nat(60),
  sinceSaved: fc.nat(12),
}).map((given) => {
  const segmentWorkMs = Math.min(given.segmentWorkMs, given.workMs - 1)
  const savedMs = Math.max(0, segmentWorkMs - Math.min(given.sinceSaved, given.everyMs))
  return { ...given, segmentWorkMs, savedMs }
})

test('work, stalls and saved work are those of a simulation in steps', () => {
  fc.assert(fc.property(plans, (plan) => {
    const profile = profileOf(plan)
    const steps = simulate(plan)
    steps.forEach((step, elapsedMs) => {
      const found = profile.progress(elapsedMs)
      assert.deepEqual({ workMs: found.workMs, stalledMs: found.stalledMs },
        { workMs: step.workMs, stalledMs: step.stalledMs }, `after ${elapsedMs} ms`)
      assert.equal(found.savedMs, step.savedMs, `saved after ${elapsedMs} ms`)
    })
    assert.equal(profile.remainingMs(), steps.length - 1, 'the end')
  }), { numRuns: 500 })
})

test('a checkpoint that costs nothing holds all up to its interval', () => {
  const profile = profileOf({ everyMs: 10, stallMs: 0, speed: 1, workMs: 100, segmentWorkMs: 0,
    savedMs: 0 })
  const saved = [0, 9, 11, 25, 40.5].map((elapsedMs) => profile.progress(elapsedMs).savedMs)
  assert.deepEqual(saved, [0, 0, 10, 20, 40])
  assert.equal(profile.remainingMs(), 100)
})

test('without checkpoints nothing is saved, and the end is the work over the speed', () => {
  const profile = profileOf({ everyMs: Infinity, stallMs: 5, speed: 0.5, workMs: 100,
    segmentWorkMs: 20, savedMs: 0 })
  assert.deepEqual(profile.progress(60), { workMs: 50, savedMs: 0, stalledMs: 0 })
  assert.equal(profile.remainingMs(), 160)
})

test('rows are kept when there is need of more', () => {
  const profiles = new Profiles()
  profiles.reserve(3)
  profiles.of(3).workMs = 7
  profiles.reserve(5000)
  assert.equal(profiles.of(3).workMs, 7)
  assert.equal(profiles.of(5000).workMs, 0)
})
