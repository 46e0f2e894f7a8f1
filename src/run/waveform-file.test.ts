// Shows the waveform of a site: its parts one by one, its balance of energy, that it is the same
// for the same seed; and that a raw swing fails ERCOT and IESO and passes staged and buffered.
import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { ruleNamed } from '../catalog/rules.ts'
import { runWaveform, type WaveformResult } from '../engines/waveform/waveform.ts'
import { remedyOf } from '../grid/remedy.ts'
import { scoreRule, type Score } from '../grid/rules.ts'
import type { WaveformDocument } from '../model/waveform.ts'
import { compileWaveform, readWaveform } from './waveform-file.ts'

type JobDocument = WaveformDocument['jobs'][number]
const EXAMPLES = join(import.meta.dirname, '../../examples/waveform')
const MWH = 3.6e9
const { rules } = loadCatalogue()

const run = (document: WaveformDocument) => runWaveform(compileWaveform(document))
const job = (more: Partial<JobDocument>, rest: Partial<WaveformDocument> = {}) =>
  run({ duration: '20s', ...rest, jobs: [{ name: 'a', compute: '50 MW', ...more }] })
const at = ({ siteW, stepMs }: WaveformResult, ...seconds: number[]) =>
  seconds.map((second) => siteW[Math.round(second * 1000 / stepMs)]! / 1e6)

function scoreOf({ gridW, stepMs }: WaveformResult, name: string): Score {
  const atMs = gridW.map((_, step) => step * stepMs)
  return scoreRule(ruleNamed(name, rules).rule, { atMs, powerW: gridW }, 200e6)
}

describe('a waveform has', () => {
  test('training steps with duty, edges and phase', () => {
    const steps = { communication: '30 MW', period: '2s', duty: '50 %', edge: '200ms' }
    deepEqual(at(job(steps), 0, 0.1, 0.2, 0.9, 1, 1.1, 1.2, 1.9, 2.1, 2.5),
      [30, 40, 50, 50, 50, 40, 30, 30, 40, 50])
    deepEqual(at(job({ ...steps, phase: '500ms' }), 0, 0.6, 1, 1.6), [50, 40, 30, 40])
  })

  test('checkpoints from the first interval on, counted from the start', () => {
    const saving = { checkpoint: { every: '5s', lasts: '1s', power: '10 MW' } }
    deepEqual(at(job({ ...saving, start: { at: '2s' } }), 1.9, 2, 6.9, 7, 7.9, 8, 12.5),
      [0, 50, 50, 10, 10, 50, 10])
  })

  test('starts, stops and crashes, staged or not, down to idle', () => {
    deepEqual(at(job({ idle: '10 MW', start: { at: '1s', ramp: '10 MW/s' } }), 0, 1, 3, 5, 9),
      [10, 10, 30, 50, 50])
    deepEqual(at(job({ stop: { at: '1s', within: '2s' } }), 1, 2, 3, 4), [50, 25, 0, 0])
    deepEqual(at(job({ crash: { at: '1s', within: '500ms' } }), 0.9, 1.25, 1.5), [50, 25, 0])
  })

  test('smoothing: a floor, ramps, a hold; a hard crash takes the devices along', () => {
    const smoothing = { floor: '80 %', up: '5 MW/s', down: '10 MW/s', hold: '1s' }
    const crashed = job({ smoothing, crash: { at: '2s' } })
    const [held, falling, later] = at(crashed, 2.9, 4, 9)
    deepEqual([held, later], [50, 0])
    ok(Math.abs(falling! - 40) < 0.3, `${falling}`)
    deepEqual(at(job({ smoothing, crash: { at: '2s', hard: true } }), 1.9, 2), [50, 0])
    const dips = job({ smoothing, checkpoint: { every: '5s', lasts: '4s', power: '1 MW' } })
    deepEqual(at(dips, 8.9), [40])
    ok(dips.energy.burntJ > 0 && dips.energy.withheldJ > 0)
  })

  test('a battery that keeps the ramp while it can, and no longer', () => {
    const battery = { power: '60 MW', energy: '4 MWh', rampUp: '20 MW/min', rampDown: '20 MW/min',
      response: '0s' }
    const crash = { crash: { at: '60s' } }
    const rest = { duration: '10m', base: '150 MW', step: '100ms' }
    const large = job(crash, { ...rest, battery })
    const steepest = (of: WaveformResult) => of.gridW.reduce((most, watts, step) =>
      step === 0 ? 0 : Math.max(most, Math.abs(watts - of.gridW[step - 1]!)), 0)
    ok(Math.abs(steepest(large) - 20e6 / 600) < 1)
    // Half of 1 MWh is room for less than the crash puts in, ΔP²/2r = 1.04 MWh.
    const small = job(crash, { ...rest, battery: { ...battery, energy: '1 MWh' } })
    ok(steepest(small) > 10e6)
    ok(small.chargeRatio.every((ratio) => ratio >= 0 && ratio <= 1 + 1e-9))
    const weak = job(crash, { ...rest, battery: { ...battery, power: '30 MW' } })
    ok(Math.abs(steepest(weak) - 20e6) < 1e5 && weak.worstMissW > 19e6)
  })

  test('an energy balance, with losses, to the rounding', () => {
    const { energy } = runWaveform(readWaveform(join(EXAMPLES, 'mended.yaml')))
    ok(energy.lostJ > 0 && energy.storedJ !== 0)
    ok(Math.abs(energy.missingJ) < 1e-9 * energy.gridJ)
  })

  test('the same steps for the same seed, and a stream of its own for each job', () => {
    const shaken = { period: '1s', duty: '60 %', communication: '10 MW', jitter: '20 %' }
    deepEqual(job(shaken).siteW, job(shaken).siteW)
    ok(job(shaken).siteW.some((watts, step) => watts !== job(shaken, { seed: 2 }).siteW[step]))
    const both = run({ duration: '20s', jobs: [
      { name: 'a', compute: '50 MW', ...shaken }, { name: 'b', compute: '50 MW', ...shaken }] })
    const alone = job(shaken).siteW
    ok(both.siteW.some((watts, step) => Math.abs(watts - 2 * alone[step]!) > 1))
  })
})

describe('a 200 MW site whose block of 50 MW swings at 1.9 pu/s', () => {
  const [raw, mended] = ['raw', 'mended'].map((name) =>
    runWaveform(readWaveform(join(EXAMPLES, `${name}.yaml`)))) as [WaveformResult, WaveformResult]

  test('swings as was measured', () => {
    // From the start at 1 min to the first checkpoint: 1.9 pu/s of 50 MW are 95 MW/s.
    const swinging = raw.siteW.subarray(13_000, 71_000)
    const steepest = swinging.reduce((most, watts, step) => step === 0 ? 0
      : Math.max(most, Math.abs(watts - swinging[step - 1]!)), 0)
    ok(Math.abs(steepest / 0.005 / 50e6 - 1.9) < 0.01)
    deepEqual([Math.min(...swinging), Math.max(...swinging)], [176.25e6, 200e6])
  })

  test('fails ERCOT and IESO raw, and passes both staged, smoothed and buffered', () => {
    for (const name of ['ercot', 'ieso']) {
      equal(scoreOf(raw, name).verdict, 'failed')
      equal(scoreOf(mended, name).verdict, 'passed')
    }
    equal(scoreOf(raw, 'ieso').parts.filter(({ verdict }) => verdict === 'failed').length, 4)
  })

  test('uses about as many MWh as ΔP²/2r says for its largest step', () => {
    const used = mended.chargeRatio.reduce((most, ratio) => Math.max(most, ratio), 0)
      - mended.chargeRatio.reduce((least, ratio) => Math.min(least, ratio), 1)
    const usedMwh = used * 4
    // From 50 to 10 MW at 15 MW/min: 40² / 2 · 15 = 53 MW·min.
    const oneStepMwh = 40 * 40 / 30 / 60
    ok(usedMwh > 0.7 * oneStepMwh && usedMwh < 1.3 * oneStepMwh, `${usedMwh} of ${oneStepMwh}`)
  })

  test('a battery alone, 20 ms slow, passes ERCOT, but IESO sees what it is late for', () => {
    const alone = runWaveform({
      ...readWaveform(join(EXAMPLES, 'raw.yaml')),
      battery: readWaveform(join(EXAMPLES, 'mended.yaml')).battery,
    })
    equal(scoreOf(alone, 'ercot').verdict, 'passed')
    const failed = scoreOf(alone, 'ieso').parts.filter(({ verdict }) => verdict === 'failed')
    deepEqual(failed.map(({ part }) => part), ['swing at 0.1 to 60 Hz', 'change within 15 s'])
  })
})

test('a hard crash of 50 MW passes behind a battery of 5 ms, at IESO not of 20 ms', () => {
  const crash = readWaveform(join(EXAMPLES, 'crash.yaml'))
  const { battery } = crash
  const quick = runWaveform(crash)
  const slow = runWaveform({ ...crash, battery: { ...battery!, responseMs: 20 } })
  deepEqual(['ercot', 'ieso'].map((name) => scoreOf(quick, name).verdict), ['passed', 'passed'])
  deepEqual(['ercot', 'ieso'].map((name) => scoreOf(slow, name).verdict), ['passed', 'failed'])
  const charged = quick.chargeRatio.reduce((most, ratio) => Math.max(most, ratio), 0) - 0.5
  // ΔP²/2r = 1.04 MWh, less what is lost on the way in.
  ok(Math.abs(charged * 4 - 1.04 * Math.sqrt(0.92)) < 0.01, `${charged * 4} MWh`)
})

test('a crash of a 50 MW job takes ΔP²/2r = 1.04 MWh at 20 MW/min', () => {
  const crashed = job({ crash: { at: '2m', within: '500ms' } },
    { base: '150 MW', duration: '30m', step: '20ms' })
  const { rule } = ruleNamed('aeso', rules)
  const twenty = { ...rule, ramps: rule.ramps.map((one) => ({ ...one, rampWPerMin: 20e6 })) }
  const atMs = crashed.gridW.map((_, step) => step * 20)
  const trace = { atMs, powerW: crashed.gridW }
  const found = remedyOf(twenty, trace, scoreRule(twenty, trace))!
  deepEqual(found.left, [])
  ok(Math.abs(found.oneStepJ / MWH - 1.04) < 0.01, `${found.oneStepJ / MWH}`)
  ok(Math.abs(found.storageJ / found.oneStepJ - 1) < 0.05, `${found.storageJ / found.oneStepJ}`)
})

describe('a waveform file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-waveform-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const refused = (text: string, message: RegExp) => {
    const path = join(folder, 'w.yaml')
    writeFileSync(path, text)
    throws(() => readWaveform(path), message)
  }

  test('is refused with the place and what would do', () => {
    const jobs = 'jobs:\n  - name: a\n    compute: 5 MW\n'
    refused(jobs, /w\.yaml:1:1: duration is missing; a duration takes ms, s, /)
    refused(`duration: 5\n${jobs}`, /w\.yaml:1:11: 5 has no unit; a duration takes ms, s, m, h, d/)
    refused(`duration: 5s\n${jobs}    dutty: 5 %\n`, /w\.yaml:5:5: .* did you mean "duty"/)
    refused(`duration: 5s\n${jobs}    duty: 50 %\n`, /:5:11: duty is a share of a period; give/)
    refused(`duration: 5s\n${jobs}    period: 1s\n    duty: 150 %\n`, /duty is 150 %; up to 100 %/)
    refused(`duration: 5s\n${jobs}${jobs.slice(6)}`, /two jobs are called a; another name would/)
    refused(`duration: 400d\n${jobs}`, /these are 3456000000 steps; 2 to 20000000 would do/)
    const head = `duration: 5s\n${jobs}`
    refused(`${head}    stop: { at: 1s }\n    crash: { at: 1s }\n`, /stops and crashes/)
    refused(`${head}    start: { at: 1s, within: 1s, ramp: 1 MW/s }\n`, /say the same/)
  })
})
