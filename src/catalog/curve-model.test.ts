// Shows that the fits find the step and the draw that made some points, by making points of known
// ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockOf, drawOf, fitDraw, fitStep, throughputOf } from './curve-model.ts'

const CLOCKS = [0.3, 0.45, 0.6, 0.7, 0.85, 1]

test('a step of known parts is found again', () => {
  for (const [compute, memory, knee] of [[1, 0, 1], [0.5, 0.3, 0.6], [0.2, 0.8, 0.5]] as const) {
    const made = { compute, memory, other: 1 - compute - memory, knee, top: 250 }
    const points = CLOCKS.map((clock) => throughputOf(made, clock))
    const found = fitStep(CLOCKS, points)
    assert.ok(Math.abs(found.compute + found.memory + found.other - 1) < 1e-9)
    assert.ok(Math.abs(throughputOf(found, 1) / 250 - 1) < 1e-6)
    for (const clock of [0.35, 0.5, 0.65, 0.9]) {
      const ratio = throughputOf(found, clock) / throughputOf(made, clock)
      assert.ok(Math.abs(ratio - 1) < 1e-6, `${compute} ${clock} ${ratio}`)
    }
  }
})

test('one point is enough for a step, which then follows nothing else', () => {
  const found = fitStep([1], [20])
  assert.ok(Math.abs(throughputOf(found, 1) - 20) < 1e-9)
})

test('the draw of the H100 is fitted within 13 W, and a draw leads back to its clock', () => {
  const drawW = [199, 298, 395, 493, 591, 647]
  const clock = [625, 1132, 1501, 1731, 1889, 1969].map((mhz) => mhz / 1969)
  const fitted = fitDraw(clock, drawW)
  assert.deepEqual([fitted.idleW, fitted.linearW, fitted.cubicW].map(Math.round), [168, 72, 400])
  drawW.forEach((watts, at) => assert.ok(Math.abs(drawOf(fitted, clock[at]!) - watts) < 13.1))
  assert.ok(Math.abs(clockOf(fitted, drawOf(fitted, 0.6)) - 0.6) < 1e-9)
})
