// What the page's charts of power and of the hours ahead draw: past and forecast on one axis, ramps
// between samples, jobs stacked in their row, and which place on the canvas is which moment.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JobsAhead, PowerHistory } from '../../src/api/client.ts'
import {
  ceilingW, jobAt, momentAt, placeOf, rowAt, slicesOf, tightestOf, topOf, usedW,
} from '../../web/src/ahead/plan.ts'
import { courseOf } from '../../web/src/power/course.ts'
import { rangeOf } from '../../web/src/power/range.ts'

const START_MS = Date.parse('2026-03-01T00:00:00Z')
const MINUTE_MS = 60_000

function history(drawW: readonly number[]): PowerHistory {
  const all = (value: number) => drawW.map(() => value)
  return {
    at: new Date(START_MS + drawW.length * MINUTE_MS).toISOString(),
    stateAt: new Date(START_MS + (drawW.length - 1) * MINUTE_MS).toISOString(),
    feeder: 'site', path: [], isPowered: true,
    samples: {
      at: drawW.map((_, at) => new Date(START_MS + at * MINUTE_MS).toISOString()),
      limitW: all(100), targetW: drawW.map(() => null), grantW: all(90), floorW: all(50),
      drawW: [...drawW], sdW: all(3), meterW: all(70), gpusPerMW: all(0),
      supplied: null,
    },
    limits: [], binding: [], supplies: [], supplied: null,
    ramps: { riseWPerMin: null, fallWPerMin: null },
  }
}

describe('the course of power', () => {
  test('the forecast goes on where the past ends, and ramps are watts a minute', () => {
    const moment = (minute: number, drawW: number) => ({
      atMs: minute * MINUTE_MS, limitW: 100, targetW: 60, grantW: 80, drawW, drawSdW: 1,
      floorW: 50, gpusPerMW: 5 })
    const course = courseOf(history([60, 70, 65]), { epochMs: START_MS, stepMs: MINUTE_MS,
      feeders: [{ moments: [moment(1, 0), moment(4, 85), moment(5, 80)] }] })
    equal(course.firstAhead, 3)
    deepEqual(course.past.draw, [60, 70, 65, null, null])
    deepEqual(course.ahead.draw, [null, null, 65, 85, 80])
    deepEqual(course.past.ramp.slice(0, 3), [null, 10, -5])
    deepEqual(course.ahead.ramp.slice(3), [10, -5])
    deepEqual([course.past.high[0], course.past.low[0]], [66, 54])
  })

  test('a range of the address stands; without one it lies around now', () => {
    deepEqual(rangeOf({ from: '', until: '' }, 10 * 3_600_000, 2, 1),
      { fromMs: 8 * 3_600_000, untilMs: 11 * 3_600_000 })
    const given = { from: '2026-03-01T00:00:00Z', until: '2026-03-01T01:00:00Z' }
    deepEqual(rangeOf(given, 0, 1, 1), { fromMs: START_MS, untilMs: START_MS + 3_600_000 })
  })
})

describe('the hours ahead', () => {
  const row: JobsAhead['rows'][number] = {
    feeder: 'hall', limitW: [100, 100], targetW: [null as never, 40], floorW: [20, 20],
    idleW: [10, 10], otherW: [5, 0], otherJobs: [1, 0], gpusPerMW: [0, 9],
    jobs: [
      { number: 1, name: 'a', gpus: 8, watts: [20, 10], held: [false, true] },
      { number: 2, name: 'b', gpus: 8, watts: [0, 15], held: [false, false] },
    ],
  }

  test('jobs stand on one another, under the lesser of limit and target', () => {
    deepEqual(slicesOf(row), [
      [{ lowW: 15, highW: 35, isHeld: false }, { lowW: 10, highW: 20, isHeld: true }],
      [undefined, { lowW: 20, highW: 35, isHeld: false }],
    ])
    deepEqual([usedW(row, 0), usedW(row, 1)], [35, 35])
    deepEqual([ceilingW(row, 0), ceilingW(row, 1)], [100, 40])
    equal(topOf(row), 106)
    equal(jobAt(row, 1, 25)?.name, 'b')
    equal(jobAt(row, 1, 50), undefined)
  })

  test('a place on the canvas is a moment and a row', () => {
    const frame = { width: 1100, left: 100, top: 20, rowHeight: 50, gap: 10, fromMs: 0,
      untilMs: 1000 }
    equal(momentAt(frame, 600), 500)
    equal(placeOf(frame, 500), 600)
    deepEqual([10, 20, 79, 80, 500].map((y) => rowAt(frame, 2, y)), [-1, 0, 0, 1, -1])
  })

  test('the dearest feeder is told with how long it is so', () => {
    const dearest = (feeder: string, gpusPerMW: number) => ({ feeder, gpusPerMW })
    const counts = { started: 0, ended: 0, stopped: 0, paused: 0, lowered: 0, raised: 0 }
    const steps = [null, dearest('hall', 4), dearest('hall', 9), null].map((each, at) =>
      ({ atMs: at * 10, counts, news: [], dearest: each }))
    deepEqual(tightestOf({ atMs: 0, stepMs: 10, epochMs: 1000, isPowered: true, rows: [row],
      steps }), { feeder: 'hall', gpusPerMW: 9, held: 0, fromMs: 1010, untilMs: 1030 })
  })
})
