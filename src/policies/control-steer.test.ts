// Shows how many jobs follow a target that moves: one after another to their safe caps and back,
// with two orders for each on the way down, and at no time more drawn than the target allows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capScene, setCourse } from '../../test/cap-scene.ts'
import { toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { apply } from '../core/apply.ts'
import { targetW } from '../core/limits.ts'
import { fromMinutes } from '../base/units.ts'

const JOBS = 40
const NOTICE_MS = fromMinutes(10)
const START_MS = fromMinutes(60)
const HOLD_MS = fromMinutes(70)
const HOLD_END_MS = fromMinutes(100)
const END_MS = fromMinutes(120)
const FULL_W = 100 * JOBS

/** Forty jobs of one GPU, with a target of three quarters of what they draw. */
function scene() {
  const site = capScene(toyRow(8, 8, 8, 8, 8), 1e6, {
    capMs: 20_000, pauseMs: 20_000, fewJobs: 0, isMetered: true,
  })
  for (let job = 0; job < JOBS; job++) submit(site.state, { gpus: 1, limitMs: 1e9 })
  site.runTo(NOTICE_MS)
  for (let job = 0; job < JOBS; job++) apply(site.state, { type: 'job.running', job })
  setCourse(site.state, {
    kind: 'target', watts: 0.75 * FULL_W, fromW: FULL_W, startAtMs: START_MS, holdAtMs: HOLD_MS,
    holdEndAtMs: HOLD_END_MS, endAtMs: END_MS,
  })
  return site
}

test('they come down to their safe caps, hold, and go back', () => {
  const { state, runTo, steps } = scene()
  const drawn = () => state.tables.feeders.drawW[0]!
  runTo(START_MS - fromMinutes(2))
  assert.equal(drawn(), FULL_W, 'nothing comes down before it must')
  const safeW = [...state.tables.jobs.safeW.subarray(0, JOBS)]
  const told = steps.length
  for (let atMs = START_MS; atMs <= HOLD_END_MS; atMs += 10_000) {
    runTo(atMs)
    assert.ok(drawn() <= targetW(state, 0, atMs), `${drawn()} W at ${atMs}`)
  }
  assert.ok(drawn() >= 0.99 * 0.74 * FULL_W, `${drawn()} W are held`)
  const caps = steps.slice(told).filter((step) => step.type === 'job.capped')
  assert.ok(caps.length <= 2 * JOBS, `${caps.length} orders for ${JOBS} jobs`)
  const atSafe = [...state.tables.jobs.capW.subarray(0, JOBS)]
    .filter((capW, job) => capW === safeW[job])
  assert.ok(atSafe.length >= 0.9 * JOBS, `${atSafe.length} are where they were to come to`)
  for (let atMs = HOLD_END_MS; atMs < END_MS; atMs += 10_000) {
    runTo(atMs)
    assert.ok(drawn() <= targetW(state, 0, atMs), `${drawn()} W at ${atMs}`)
  }
  runTo(END_MS + fromMinutes(30))
  assert.equal(drawn(), FULL_W)
})
