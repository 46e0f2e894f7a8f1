// Events of a job become what it did over time, and what that cost. By hand.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { ratedIn, soFar, spansOf, type JobEvent } from './timeline.ts'

const HOUR = 3_600_000
let seq = 0
const event = (hour: number, type: string, fields: Record<string, unknown> = {}): JobEvent =>
  ({ seq: seq++, index: 0, at: new Date(hour * HOUR).toISOString(), type, event: fields })
const told = (spans: ReturnType<typeof spansOf>) => spans.map(({ fromMs, untilMs, doing, capW }) =>
  `${doing}${capW === undefined ? '' : ` ${capW}`} ${fromMs / HOUR}-${untilMs / HOUR}`)

const events = [
  event(1, 'job.started'), event(2, 'job.running'), event(3, 'job.capped', { capW: 500 }),
  event(4, 'job.capped', { capW: 0 }), event(5, 'job.capped', { capW: 700 }),
  event(6, 'job.interrupted', { cause: 'gpu' }), event(7, 'job.started', { capW: 600 }),
  event(7, 'job.running'),
]

test('a job waits, runs, is capped and paused, and waits again', () => {
  equal(ratedIn(events, null), 700)
  equal(ratedIn(events, 600), undefined)
  deepEqual(told(spansOf(events, 0, 9 * HOUR, 700)), [
    'pending 0-1', 'starting 1-2', 'running 2-3', 'running 500 3-4', 'paused 0 4-5',
    'running 5-6', 'pending 6-7', 'running 600 7-9'])
  const ended = [...events, event(8, 'job.ended', { outcome: 'completed' })]
  equal(told(spansOf(ended, 0, 9 * HOUR, 700)).at(-1), 'running 600 7-8')
  deepEqual(told(spansOf([], 0, HOUR)), ['pending 0-1'])
})

test('hours are counted, and energy where something says what it draws', () => {
  const spans = spansOf(events, 0, 9 * HOUR, 700)
  const cost = soFar(spans, [], 10, 550)
  equal(cost.gpuHours, 70)
  equal(cost.pausedGpuHours, 10)
  // Three hours as now, one at 500 W, and two more as now, under the cap of 600 W.
  equal(cost.energyMWh, (3 * 5500 + 5000 + 2 * 5500) / 1e6)
  const shown = [event(3, 'job.measured', { capW: 500, speed: 0.9, drawW: 400 })]
  equal(soFar(spans, shown, 10, 550).energyMWh, (3 * 5500 + 4000 + 2 * 5500) / 1e6)
  equal(soFar(spans, [], 10, undefined).energyMWh, undefined)
})
