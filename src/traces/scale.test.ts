// Shows that arrivals are what sorting all copies would give, one after the other, from one seed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { InputError } from '../model/error.ts'
import type { Trace } from '../model/arrival.ts'
import { plainJob } from '../../test/plain-job.ts'
import { JobColumns } from './jobs.ts'
import {
  type Arrival, Arrivals, nameOf, parseScale, type Scale, type ScaledTrace, UNSCALED,
} from './scale.ts'

function traceAt(times: readonly number[]): Trace {
  const jobs = new JobColumns()
  for (const [row, atMs] of times.toSorted((a, b) => a - b).entries()) {
    jobs.push(plainJob(`${row}`, atMs, 1, 1000))
  }
  return { format: 'csv', path: 'some.csv', jobs, skipped: [], moved: [] }
}

function drain(traces: readonly ScaledTrace[], seed: number): Arrival[] {
  const arrivals = new Arrivals(traces, seed)
  const all: Arrival[] = []
  while (arrivals.peekAtMs() < Infinity) {
    const atMs = arrivals.peekAtMs()
    all.push(arrivals.next())
    assert.equal(all.at(-1)!.atMs, atMs)
  }
  assert.equal(all.length, arrivals.total)
  return all
}

const times = fc.array(fc.nat(5000), { minLength: 1, maxLength: 40 })
const scales: fc.Arbitrary<Scale> = fc.record({
  copies: fc.integer({ min: 1, max: 6 }), jitterMs: fc.nat(300), skipMs: fc.constant(0),
})

test('without copies and jitter the stream is the trace', () => {
  fc.assert(fc.property(times, fc.nat(), (list, seed) => {
    const trace = traceAt(list)
    for (const scale of [UNSCALED, parseScale('copies=1,jitter=0')]) {
      assert.deepEqual(drain([{ trace, scale }], seed),
        Array.from(trace.jobs, (job) => ({ atMs: job.submitAtMs, job, traceIndex: 0, copy: 0 })))
    }
  }))
})

test('sorted by time, trace, row and copy; each copy of each job once, within its jitter', () => {
  fc.assert(fc.property(fc.array(fc.tuple(times, scales), { minLength: 1, maxLength: 3 }), fc.nat(),
    (list, seed) => {
      const traces = list.map(([at, scale]) => ({ trace: traceAt(at), scale }))
      const all = drain(traces, seed)
      const sorted = all.toSorted((a, b) => a.atMs - b.atMs || a.traceIndex - b.traceIndex
        || Number(a.job.id) - Number(b.job.id) || a.copy - b.copy)
      assert.deepEqual(all, sorted)
      const seen = new Set(all.map((each) => `${each.traceIndex}/${each.job.id}/${each.copy}`))
      assert.equal(seen.size, all.length)
      for (const { atMs, job, traceIndex } of all) {
        const delayMs = atMs - job.submitAtMs
        const { jitterMs } = traces[traceIndex]!.scale
        assert.ok(Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= Math.max(0, jitterMs - 1))
      }
    }))
})

test('a seed repeats itself, another differs, and more copies leave the first in place', () => {
  const trace = traceAt(Array.from({ length: 200 }, (_, row) => row * 50))
  const run = (copies: number, seed: number) =>
    drain([{ trace, scale: { copies, jitterMs: 100000, skipMs: 0 } }], seed)
  assert.deepEqual(run(3, 7), run(3, 7))
  assert.notDeepEqual(run(3, 7), run(3, 8))
  assert.deepEqual(run(5, 7).filter((each) => each.copy < 3), run(3, 7))
  const meanMs = run(50, 7).reduce((sum, each) => sum + each.atMs - each.job.submitAtMs, 0) / 10000
  // Uniform in [0, 100 s): the mean of 10,000 has a standard error of 289 ms.
  assert.ok(Math.abs(meanMs - 50000) < 1500, `${meanMs}`)
})

test('skip drops what was submitted before it and moves the rest to time 0', () => {
  const trace = traceAt([0, 10, 20, 20, 30])
  const all = drain([{ trace, scale: { ...UNSCALED, copies: 2, skipMs: 20 } }], 1)
  assert.deepEqual(all.map((each) => `${each.atMs}:${nameOf(each.job, each.copy)}`),
    ['0:2', '0:2.1', '0:3', '0:3.1', '10:4', '10:4.1'])
  assert.throws(() => new Arrivals([{ trace, scale: { ...UNSCALED, skipMs: 31 } }], 1),
    (error) => error instanceof InputError
      && error.message.startsWith('some.csv: skip=31 ms drops all 5 jobs, the last comes at 30 ms'))
})

test('no traces, an empty trace, and too many copies', () => {
  assert.deepEqual(drain([], 1), [])
  assert.deepEqual(drain([{ trace: traceAt([]), scale: UNSCALED }], 1), [])
  const trace = traceAt(Array.from({ length: 30000 }, (_, row) => row))
  assert.throws(() => new Arrivals([{ trace, scale: { ...UNSCALED, copies: 100000 } }], 1),
    /some\.csv: 100,000 copies make 3,000,000,000 arrivals, more than 2,147,483,647; take fewer/)
})

test('a scale is read, and its errors name the key', () => {
  assert.deepEqual(parseScale('copies=80, jitter=1h, skip=20d'),
    { copies: 80, jitterMs: 3600000, skipMs: 1728000000 })
  assert.deepEqual(parseScale(''), UNSCALED)
  assert.deepEqual(parseScale('skip=90s'), { ...UNSCALED, skipMs: 90000 })
  const cases: readonly [string, RegExp][] = [
    ['copies=0', /^scale "copies=0": copies is "0", not a whole number from 1 to 100,000; write/],
    ['copies=1.5', /copies is "1\.5"/],
    ['copies=1e9', /copies is "1e9"/],
    ['jiter=1h', /there is no key "jiter", the nearest is jitter/],
    ['jitter', /jitter has no value/],
    ['jitter=1h=2h', /jitter has two values/],
    ['jitter=1h,jitter=2h', /jitter is there twice/],
    ['jitter=5', /jitter is no duration: "5" has no unit/],
    ['skip=-1h', /skip is "-1h", outside 0 to /],
    ['copies=2,', /there is no key ""/],
  ]
  for (const [text, expected] of cases) {
    assert.throws(() => parseScale(text), (error) => error instanceof InputError
      && expected.test(error.message), text)
  }
})
