// Shows that power.csv has a row for each interval, and that hostile fields stay one field.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvField, powerCsv } from './csv.ts'
import { colossusSeries } from './fixture.ts'

test('fields are quoted where RFC 4180 asks for it, and only there', () => {
  assert.equal(csvField('train-7'), 'train-7')
  assert.equal(csvField('a,b'), '"a,b"')
  assert.equal(csvField('say "hi"'), '"say ""hi"""')
  assert.equal(csvField('two\nlines'), '"two\nlines"')
  assert.equal(csvField('two\rlines'), '"two\rlines"')
  assert.equal(csvField(''), '')
  assert.equal(csvField(0.1 + 0.2), '0.3')
  assert.equal(csvField(Infinity), '')
})

test('power.csv has its header and a row for each interval', () => {
  const series = {
    intervalMs: 60_000, atMs: [0, 60_000], gpusUp: [8, 8], gpusBusy: [4.5, 8],
    gpusWaiting: [0, 16], jobsWaiting: [0, 2], grantW: [5600, 5600], drawW: [4000.12345, 5000],
    limitW: [6000, Infinity], peakDrawW: [4100, 5100],
  }
  assert.equal(powerCsv(series), `\
at_s,gpus_up,gpus_busy,gpus_waiting,jobs_waiting,grant_w,draw_w,peak_draw_w,limit_w
0,8,4.5,0,0,5600,4000.123,4100,6000
60,8,8,16,2,5600,5000,5100,
`)
  const supplies = { gridW: [3000, 6000], generatorsW: [500, 0], batteryW: [500.1, -1000],
    solarW: [0, 0], heldRatio: [0.5, 0.51] }
  assert.equal(powerCsv({ ...series, supplies }), `\
at_s,gpus_up,gpus_busy,gpus_waiting,jobs_waiting,grant_w,draw_w,peak_draw_w,limit_w,\
grid_w,battery_w,generators_w,solar_w,soc
0,8,4.5,0,0,5600,4000.123,4100,6000,3000,500.1,500,0,0.5
60,8,8,16,2,5600,5000,5100,,6000,-1000,0,0,0.51
`)
  assert.equal(powerCsv(colossusSeries(0)).split('\n').length, 2)
})
