// Shows that the storage that is told as a remedy is what ΔP²/2r says for a single step, that the
// limiter behind it keeps every ramp and returns to its middle, and that random traces are mended.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { randomStream } from '../base/random.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { ruleNamed } from '../catalog/rules.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import { RampLimiter } from '../supply/ramp-limiter.ts'
import { remedyOf } from './remedy.ts'
import { scoreRule } from './rules.ts'

const { rules } = loadCatalogue()
const MWH = 3.6e9

function remedy(name: string, trace: PowerTrace) {
  const { rule } = ruleNamed(name, rules)
  return remedyOf(rule, trace, scoreRule(rule, trace))
}

function step(fromW: number, toW: number, seconds: number): PowerTrace {
  const atMs = Float64Array.from({ length: seconds * 10 }, (_, at) => at * 100)
  return { atMs, powerW: atMs.map((time) => (time < seconds * 300 ? fromW : toW)) }
}

test('a step of 300 MW at 20 MW/min takes 37.5 MWh, at 10 MW/min 75 MWh, and a little', () => {
  // The rows of facts that others publish: AESO 10 MW/min, CAISO 20 MW/min over ten minutes.
  for (const [name, ramp, expected] of [['aeso', 10, 75], ['caiso', 20, 37.5]] as const) {
    const found = remedy(name, step(100e6, 400e6, 3 * 3600))!
    deepEqual([found.upWPerMin, found.left], [ramp * 1e6, []])
    ok(Math.abs(found.oneStepJ / MWH - expected) < 0.03 * expected, `${found.oneStepJ / MWH}`)
    const usedMwh = found.storageJ / MWH
    ok(usedMwh > expected * 0.98 && usedMwh < expected * 1.03, `${name}: ${usedMwh} MWh`)
    equal(Math.round(found.stagingMs / 60_000), 300 / ramp)
  }
})

test('nothing failed, nothing to mend', () => {
  equal(remedy('aeso', step(100e6, 100e6, 600)), undefined)
})

test('the limiter keeps its ramps and brings the store back to its middle', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
    const random = randomStream(seed, 'load')
    const limiter = new RampLimiter(
      { upWPerMin: 20e6, downWPerMin: 10e6, returnMs: 1_800_000 }, 100, 100e6)
    let [loadW, gridW] = [100e6, 100e6]
    for (let at = 0; at < 200_000; at++) {
      if (at < 20_000 && random.below(500) === 0) loadW = 50e6 + random.uniform() * 100e6
      const nextW = limiter.next(loadW)
      ok(nextW - gridW <= 20e6 / 600 + 1e-3 && gridW - nextW <= 10e6 / 600 + 1e-3)
      gridW = nextW
    }
    ok(Math.abs(gridW - loadW) < 1e5)
    ok(Math.abs(limiter.storedWms) < 0.05 * MWH * 1000, `${limiter.storedWms / MWH / 1000} MWh`)
  }), { numRuns: 10 })
})

test('random pulse trains that fail IESO pass behind the storage', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
    const random = randomStream(seed, 'pulse')
    const periodMs = 500 + random.below(2500)
    const highW = 20e6 + random.uniform() * 80e6
    const atMs = Float64Array.from({ length: 40_000 }, (_, at) => at * 8)
    const trace = {
      atMs, powerW: atMs.map((time) => 120e6 + (time % periodMs < periodMs * 0.7 ? highW : 0)),
    }
    const found = remedy('ieso', trace)!
    deepEqual(found.left, [])
    ok(found.storageW < highW)
  }), { numRuns: 10 })
})
