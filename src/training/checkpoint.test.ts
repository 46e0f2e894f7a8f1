// Shows that the checkpoint interval is the one that finishes soonest, against a search over the
// exact time of a segment, and that the numbers published for large gangs come out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bestCheckpointInterval, goodputRatio } from './checkpoint.ts'

/** Mean time for a segment of work, over the work: what the interval should make smallest. */
function timePerWork(workMs: number, stallMs: number, restartMs: number, meanMs: number): number {
  return ((meanMs + restartMs) * Math.expm1((workMs + stallMs) / meanMs)) / workMs
}

/** The minimum by golden section: the function falls, then rises. */
function searchInterval(stallMs: number, restartMs: number, meanMs: number): number {
  const golden = (Math.sqrt(5) - 1) / 2
  let [low, high] = [0, 2 * meanMs]
  for (let step = 0; step < 120; step++) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (timePerWork(left, stallMs, restartMs, meanMs)
      < timePerWork(right, stallMs, restartMs, meanMs)) high = right
    else low = left
  }
  return (low + high) / 2
}

test('the interval that a search over the exact formula finds, whatever the restart', () => {
  const stall = fc.double({ min: 1, max: 1e6, noNaN: true })
  const ratio = fc.double({ min: 0.02, max: 1e5, noNaN: true })
  const restart = fc.double({ min: 0, max: 1e7, noNaN: true })
  fc.assert(fc.property(stall, ratio, restart, (stallMs, meanOverStall, restartMs) => {
    const meanMs = stallMs * meanOverStall
    const best = bestCheckpointInterval(stallMs, meanMs)
    const found = searchInterval(stallMs, restartMs, meanMs)
    // The minimum is flat: a search sees it to the root of the precision, the times agree better.
    assert.ok(Math.abs(best - found) <= 1e-3 * found, `${best} against ${found}`)
    const time = (workMs: number) => timePerWork(workMs, stallMs, restartMs, meanMs)
    assert.ok(time(best) <= time(found) * (1 + 1e-9))
  }))
})

test('50,000 GPU-hours between failures and a stall of 6 s, as published for large gangs', () => {
  // Gang, mean time between failures in minutes, best interval in minutes, share that is lost. The
  // published interval and share are those of Young's rule: both a little above the exact ones.
  const rows = [[16_216, 185, 6.1, 0.033], [100_000, 30, 2.4, 0.082], [1_000_000, 3, 0.7, 0.26]]
  for (const [gpus, meanMinutes, minutes, share] of rows) {
    const meanMs = (50_000 / gpus!) * 3_600_000
    assert.equal(Math.round(meanMs / 60_000), meanMinutes)
    const everyMs = bestCheckpointInterval(6000, meanMs)
    assert.ok(Math.abs(everyMs / 60_000 - minutes!) < 0.1, `${everyMs / 60_000} minutes`)
    const lost = 1 - goodputRatio(everyMs, 6000, 0, meanMs)
    assert.ok(lost <= share! && lost > 0.9 * share!, `${gpus} GPUs lose ${lost}`)
  }
})

test('a restart of three minutes at a million GPUs leaves less than half', () => {
  const meanMs = 180_000
  const everyMs = bestCheckpointInterval(6000, meanMs)
  assert.ok(goodputRatio(everyMs, 6000, 180_000, meanMs) < 0.4)
})

test('at the ends: without failures never, without a stall always', () => {
  assert.equal(bestCheckpointInterval(1000, Infinity), Infinity)
  assert.equal(bestCheckpointInterval(0, 1000), 0)
  assert.equal(goodputRatio(900, 100, 0, Infinity), 0.9)
  // Failures far rarer than stalls: Young's rule, the root of twice their product.
  const interval = bestCheckpointInterval(1, 1e9)
  assert.ok(Math.abs(interval / Math.sqrt(2e9) - 1) < 1e-4)
})
