// Shows that the rolling windows find what a plain search of all pairs finds, that filters and
// spectrum agree with their formulas, and how parts pass, fail or stay open on small traces.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { resolveRule } from '../catalog/rules.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import type { RuleDocument } from '../model/rule.ts'
import { bandPass } from './filter.ts'
import { scoreRule } from './rules.ts'
import { strongestTone } from './spectrum.ts'
import { evenly, samplingOf } from './stretch.ts'
import { rollingRamp, rollingSwing } from './window.ts'

const { rules } = loadCatalogue()
const scoreBy = (rule: string | RuleDocument, trace: PowerTrace, peakW?: number) =>
  scoreRule(resolveRule(rule, 'own', rules), trace, peakW)

/** A reading each step, in MW. */
function traceOf(
  stepMs: number, count: number, megawatts: (seconds: number) => number): PowerTrace {
  const atMs = Float64Array.from({ length: count }, (_, at) => at * stepMs)
  return { atMs, powerW: atMs.map((time) => megawatts(time / 1000) * 1e6) }
}

describe('rolling windows', () => {
  const traces = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 99 })),
    { minLength: 2, maxLength: 60 })
  const stretchOf = (rows: readonly (readonly [number, number])[]) => {
    let timeMs = 0
    const atMs = Float64Array.from(rows, ([gapMs]) => (timeMs += gapMs))
    return { atMs, valueW: Float64Array.from(rows, ([, watts]) => watts) }
  }

  test('the swing is the largest difference of two readings at most a window apart', () => {
    fc.assert(fc.property(traces, fc.integer({ min: 1, max: 200 }), (rows, windowMs) => {
      const { atMs, valueW } = stretchOf(rows)
      let expected = 0
      for (let one = 0; one < atMs.length; one++) {
        for (let other = one; other < atMs.length; other++) {
          if (atMs[other]! - atMs[one]! > windowMs) break
          expected = Math.max(expected, Math.abs(valueW[other]! - valueW[one]!))
        }
      }
      let found = 0
      rollingSwing({ atMs, valueW }, windowMs, (swing) => { found = Math.max(found, swing) })
      equal(found, expected)
    }), { numRuns: 300 })
  })

  test('the ramp is the change from a window\'s start, between readings too, to its end', () => {
    fc.assert(fc.property(traces, fc.integer({ min: 1, max: 200 }), (rows, windowMs) => {
      const stretch = stretchOf(rows)
      const even = evenly(stretch, 1)
      const found: number[] = []
      rollingRamp(stretch, windowMs, (ramp, endMs) => {
        const end = endMs - even.atMs[0]!
        const expected = (even.valueW[end]! - even.valueW[end - windowMs]!) / windowMs * 60_000
        ok(Math.abs(ramp - expected) < 1e-6)
        found.push(ramp)
      })
      const due = [...stretch.atMs].filter((time) => time - stretch.atMs[0]! >= windowMs)
      equal(found.length, due.length)
    }), { numRuns: 300 })
  })
})

describe('filter and spectrum', () => {
  test('a tone passes the filter by the formula of Butterworth', () => {
    for (const hertz of [0.02, 0.05, 0.1, 0.5, 5, 40, 55, 80]) {
      const { powerW } = traceOf(1, 200_000, (s) => Math.sin(2 * Math.PI * hertz * s))
      const passed = bandPass(powerW, 1, 0.1, 55).subarray(100_000)
      const amplitude = passed.reduce((most, value) => Math.max(most, value), 0) / 1e6
      const expected = 1 / Math.sqrt(1 + (0.1 / hertz) ** 4) / Math.sqrt(1 + (hertz / 55) ** 4)
      // The bilinear transform squeezes what is high; 80 Hz of 1000 is still within a few percent.
      ok(Math.abs(amplitude - expected) < 0.04, `${hertz} Hz: ${amplitude}, ${expected}`)
    }
  })

  test('the strongest tone is found with its frequency and size', () => {
    const { powerW } = traceOf(10, 20_000, (s) =>
      100 + 3 * Math.sin(2 * Math.PI * 0.8 * s) + Math.sin(2 * Math.PI * 7 * s))
    const tone = strongestTone(powerW, 10_000, 10, 0.1, 50)!
    ok(Math.abs(tone.atHz - 0.8) < 0.01)
    ok(Math.abs(tone.amplitudeW - 3e6) < 0.45e6, `${tone.amplitudeW}`)
    equal(Math.round(strongestTone(powerW, 10_000, 10, 5, 50)!.atHz), 7)
  })

  test('a constant leaves nothing, from its first value on', () => {
    ok(bandPass(new Float64Array(1000).fill(5e7), 5, 0.1, 55).every((value) => value === 0))
  })
})

describe('parts', () => {
  test('a ramp at the limit passes, one above it fails, with when, how often and how long', () => {
    const ramp = (perMin: number) => traceOf(1000, 900, (s) =>
      100 + perMin / 60 * Math.max(0, Math.min(120, s - 300)))
    equal(scoreBy('aeso', ramp(10)).verdict, 'passed')
    const { verdict, parts } = scoreBy('aeso', ramp(11))
    equal(verdict, 'failed')
    const [up, down] = parts
    deepEqual([up!.part, up!.verdict, up!.times], ['ramp up over 1 min', 'failed', 1])
    ok(Math.abs(up!.worst - 11e6) < 1)
    // Windows of a minute break it from 10/11 of a minute into the two minutes until as long after.
    deepEqual([up!.firstAtMs, up!.lastsMs], [355_000, 71_000])
    deepEqual([down!.part, down!.verdict, down!.worst], ['ramp down over 1 min', 'passed', 0])
  })

  test('a mean over ten minutes forgives a fall that a step limit does not', () => {
    const fall = traceOf(1000, 1200, (s) => (s < 600 ? 200 : 150))
    equal(scoreBy('caiso', fall).verdict, 'passed')
    const { parts } = scoreBy('ieso', fall)
    equal(parts.find(({ part }) => part === 'change within 15 s')!.worst, 50e6)
  })

  test('the lesser of watts and a share of the peak counts, of the peak that is told', () => {
    const flat = traceOf(1000, 120, () => 100)
    const limits = (peakW?: number) => scoreBy('ercot-nprr1191', flat, peakW).parts
      .map(({ limit }) => limit).toSorted((a, b) => a - b)
    deepEqual(limits(), [2e6, 5e6])
    deepEqual(limits(1e9), [8e6, 20e6])
  })

  test('a quantile lets the rest be steeper', () => {
    const rule = { rampQuantile: { share: '75 %', limit: '20 MW/min' } }
    const wave = (share: number) => traceOf(1000, 3600, (s) =>
      (s % 600 < 600 * share ? (s % 600) / 2 : 300 * share))
    equal(scoreBy(rule, wave(0.05)).verdict, 'passed')
    equal(scoreBy(rule, wave(0.4)).verdict, 'failed')
  })

  test('too coarse readings leave a part open unless what they show fails', () => {
    const quiet = scoreBy('ercot', traceOf(2000, 100, () => 100))
    deepEqual([quiet.verdict, quiet.parts.map(({ verdict }) => verdict)],
      ['not judged', ['not judged', 'not judged', 'not judged']])
    const notes = quiet.parts.map(({ note }) => note).join()
    match(notes, /a reading each 9 ms for 55 Hz, has one each 2 s/)
    const jump = scoreBy('ercot', traceOf(2000, 100, (s) => (s < 100 ? 100 : 150)))
    equal(jump.verdict, 'failed')
    match(jump.parts[0]!.note, /; there may be more$/)
    match(scoreBy('caiso', traceOf(1000, 60, () => 100)).parts[0]!.note,
      /needs 10 min without a gap, has 59 s/)
  })

  test('no window spans a gap, and unlike steps are made even for a filter', () => {
    const atMs = Float64Array.from({ length: 400 }, (_, at) => at * 1000 + (at < 200 ? 0 : 3.6e6))
    const powerW = atMs.map((_, at) => (at < 200 ? 100e6 : 200e6))
    const { verdict, gaps, gapsMs } = scoreBy('aeso', { atMs, powerW })
    deepEqual([verdict, gaps, gapsMs], ['passed', 1, 3_601_000])
    const late = traceOf(5, 20_000, (s) => 100 + 6 * Math.sin(2 * Math.PI * s))
    const shaken = { ...late, atMs: late.atMs.map((time, at) => time + (at % 3) * 0.4) }
    equal(samplingOf(shaken).stretches.length, 1)
    const [worst, expected] = [shaken, late].map((one) => scoreBy('ercot', one).parts[0]!.worst)
    ok(Math.abs(worst! - expected!) < 0.05e6 && worst! > 12e6, `${worst} for ${expected}`)
  })
})

describe('ride-through', () => {
  /** A dip of 100 ms at 1 s to 0.4; the load falls to 20 % and is back after a while. */
  const dip = (backAfterMs: number, lastsMs = 100): PowerTrace => {
    const base = traceOf(10, 1000, () => 100)
    const isDip = (time: number) => time >= 1000 && time < 1000 + lastsMs
    return {
      atMs: base.atMs,
      powerW: base.atMs.map((time) =>
        (time >= 1000 && time < 1000 + lastsMs + backAfterMs ? 20e6 : 100e6)),
      voltagePu: base.atMs.map((time) => (isDip(time) ? 0.4 : 1)),
    }
  }
  const partOf = (given: PowerTrace) =>
    scoreBy('ercot', given).parts.find(({ part }) => part.includes('voltage'))!

  test('what is back in time passes, what is not fails, what lasts too long is exempt', () => {
    equal(partOf(dip(1500)).verdict, 'passed')
    const late = partOf(dip(3000))
    deepEqual([late.verdict, late.worst, late.times, late.worstAtMs], ['failed', 0.2, 1, 1100])
    match(partOf(dip(3000, 400)).note, /deeper or longer than must be ridden through/)
    match(partOf(traceOf(10, 100, () => 1)).note, /a column voltage_pu/)
  })
})
