// Series keep a bounded past of each feeder by the minute and the quarter of an hour, and jobs'
// predictions are held against what came: shown on a toy state whose clock is moved by hand.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { State } from '../core/state.ts'
import { toyRow } from '../../test/toy-plant.ts'
import { toyState } from '../../test/toy-state.ts'
import { Predictions } from './predictions.ts'
import { Series, withNow } from './series.ts'

const MINUTE_MS = 60_000

function play(series: Series, state: State, minutes: number): void {
  for (let minute = 0; minute < minutes; minute++) {
    state.totals.nowMs += MINUTE_MS
    state.tables.feeders.grantW[0] = state.totals.nowMs / MINUTE_MS
    series.take(state, state.totals.nowMs / MINUTE_MS)
  }
}

describe('series', () => {
  test('a day by the minute, and what is older by the quarter of an hour', () => {
    const state = toyState({ sites: toyRow(2, 2) })
    const series = new Series(state.layout)
    play(series, state, 3000)
    const late = series.samples(0, 2990 * MINUTE_MS, Infinity, 100)
    deepEqual(late.grantW, [2990, 2991, 2992, 2993, 2994, 2995, 2996, 2997, 2998, 2999, 3000])
    const early = series.samples(0, 30 * MINUTE_MS, 75 * MINUTE_MS, 100)
    deepEqual(early.grantW, [30, 45, 60, 75])
    equal(series.samples(0, 0, Infinity, 50).atMs.length <= 50, true)
    deepEqual(withNow(late, state, 0).grantW.slice(-2), [3000, 3000])
  })

  test('it says which block was durable at a time, while it remembers', () => {
    const state = toyState({ sites: toyRow(2, 2) })
    const series = new Series(state.layout)
    play(series, state, 100)
    equal(series.seqAt(50.5 * MINUTE_MS), 50)
    equal(series.seqAt(0), 0)
  })

  test('a feeder that is asked for is kept from then on, and few of those are', () => {
    const state = toyState({ sites: toyRow(...Array.from({ length: 300 }, () => 1)) })
    const series = new Series(state.layout)
    const last = state.layout.feederParent.length - 1
    play(series, state, 10)
    equal(series.samples(last, 0, Infinity, 100).atMs.length, 0)
    series.want(last)
    play(series, state, 10)
    equal(series.samples(last, 0, Infinity, 100).limitW.filter((each) => each !== null).length, 10)
  })
})

describe('predictions', () => {
  test('a start that was reserved is held against the one that came', () => {
    const state = toyState({ sites: toyRow(2, 2) })
    const predictions = new Predictions()
    predictions.take(state, { events: [
      { atMs: 0, event: { type: 'job.reserved', job: 0, domain: 0, startAtMs: 60_000 } },
      { atMs: 90_000, event: { type: 'job.started', job: 0, pool: 0, spans: [] } as never },
    ] }, () => 7)
    const { count, medianMs, biasMs, withinRatio } = predictions.ofStarts()
    deepEqual({ count, medianMs, biasMs, withinRatio },
      { count: 1, medianMs: 30_000, biasMs: 30_000, withinRatio: 0 })
    ok(predictions.ofRuns().count === 0)
  })
})
