// Shows which hours an interruptible contract of 0.5 % is called in, what that costs in energy and
// in work, and that the supplies of a site serve all else: a year of ERCOT, and TVA's headroom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byThreshold, eventsOf, readYear, topHours } from './calls.ts'
import { runContract } from './contract.ts'
import { lostByPauseRatio, lostRatio } from './shed.ts'

test('capping first loses less work than pausing, at every cut', () => {
  for (let cut = 0.01; cut < 0.67; cut += 0.01) {
    assert.ok(lostRatio(cut) < lostByPauseRatio(cut), `${cut}`)
    assert.ok(lostRatio(cut) >= lostRatio(cut - 0.01), `${cut}`)
  }
  // 181 kW of a megawatt of 552 H100, at 82.1 % of their throughput.
  assert.ok(Math.abs(lostRatio(0.181) - 0.179) < 0.001)
  assert.equal(lostRatio(0.9), 1)
})

test('ERCOT 2023: half of a flat 100 MW in the top 0.5 % of hours', () => {
  const year = readYear('ercot', 2023)
  const one = runContract(year, topHours(year, 0.005, 0.5))
  assert.deepEqual([one.hoursCalled, one.events], [43, 16])
  assert.ok(Math.abs(one.energyLostMwh - 2150) < 1e-3 && Math.abs(one.energyMwh - 876_000) < 1e-3)
  assert.ok(one.unservedMwh < 1e-6 && one.overW < 1)
  assert.equal((100 * one.workLostRatio).toFixed(2), '0.35')
  assert.equal(Math.round(one.calledUsdPerMwh / 10), 94)
})

test('a load that gives 0.5 % of its energy fits under the peak: TVA 4.2 GW, Duke says 4.5', () => {
  const { calls, loadMw } = byThreshold(readYear('tva', 2023), 0.005)
  assert.equal((loadMw / 1000).toFixed(1), '4.2')
  const share = calls.reduce((sum, cut) => sum + cut, 0) / calls.length
  assert.ok(Math.abs(share - 0.005) < 1e-9)
  assert.equal(eventsOf(calls).length, 21)
})
