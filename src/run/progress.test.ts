// Shows, on a clock moved by hand, when the line is drawn, what it says and that it goes away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHours } from '../base/units.ts'
import { Progress, type ProgressState } from './progress.ts'

const HALF: ProgressState = { ratio: 0.5, atMs: fromHours(360), jobsRunning: 1204,
  jobsWaiting: 88, events: 500_000 }

test('a terminal gets one line, at most ten times a second, and none at the end', () => {
  const { progress, written, clock } = begin({ isTTY: true, columns: 120 })
  progress.update(HALF)
  assert.deepEqual(written, [])
  clock.nowMs = 500
  progress.update(HALF)
  clock.nowMs = 599
  progress.update(HALF)
  assert.deepEqual(written, ['\r\u001b[K 50.0 %  15 d  running 1,204  waiting 88'
    + '  1,000,000 events/s  about 500 ms left'])
  clock.nowMs = 600
  progress.update({ ...HALF, events: 500_000 })
  assert.match(written[1]!, / 0 events\/s/)
  progress.finish()
  assert.equal(written[2], '\r\u001b[K')
  progress.finish()
  assert.equal(written.length, 3)
})

test('a narrow terminal gets a line that does not wrap', () => {
  const { progress, written, clock } = begin({ isTTY: true, columns: 40 })
  clock.nowMs = 1000
  progress.update(HALF)
  assert.equal(written[0]!.replace('\r\u001b[K', '').length, 39)
})

test('other streams get nothing, or a plain line every ten seconds', () => {
  const silent = begin({})
  silent.clock.nowMs = 60_000
  silent.progress.update(HALF)
  silent.progress.finish()
  assert.deepEqual(silent.written, [])
  const lines = begin({}, 'lines')
  for (lines.clock.nowMs = 0; lines.clock.nowMs <= 25_000; lines.clock.nowMs += 1000) {
    lines.progress.update({ ...HALF, ratio: 0 })
  }
  lines.progress.finish()
  assert.equal(lines.written.length, 2)
  assert.match(lines.written[0]!, /^ {2}0\.0 % {2}15 d .* just begun\n$/)
})

function begin(stream: { isTTY?: boolean; columns?: number }, elsewhere?: 'lines') {
  const written: string[] = []
  const clock = { nowMs: 0 }
  const options = elsewhere === undefined ? {} : { elsewhere }
  const progress = new Progress({ ...stream, write: (text: string) => written.push(text) },
    { nowMs: () => clock.nowMs, ...options })
  return { progress, written, clock }
}
