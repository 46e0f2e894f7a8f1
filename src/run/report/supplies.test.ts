// Shows what a reader is told of the supplies of a site: a table, a sentence, a picture of layers,
// and nothing at all where no site names supplies.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SiteSupplies } from '../summary.ts'
import { colossus, colossusSeries } from './fixture.ts'
import { supplyCells, supplySection, supplySentences } from './supplies.ts'
import { timeCharts } from './time-charts.ts'

const site: SiteSupplies = {
  site: 'island<1>',
  bySupply: [
    { supply: 'grid', type: 'grid', energyMWh: 900, takenMWh: 0, fuelMWh: 0, dollars: 45_900,
      starts: 0 },
    { supply: 'smt-130', type: 'turbine', energyMWh: 1200, takenMWh: 0, fuelMWh: 3390,
      dollars: 55_100, starts: 7 },
  ],
  drawnMWh: 2000, lossesMWh: 1, surplusMWh: 0, unservedMWh: 0.25, worstUnservedW: 21e6,
  dollars: 101_000, demandChargeDollars: 0,
  battery: { cycles: 1.5, lowestRatio: 0.31, highestRatio: 0.62, mostGivenW: 5e7, mostTakenW: 5e7 },
  rampBreaches: { worstW: 4e6, sumW: 9e6 },
}

test('a table and a sentence for each site', () => {
  const summary = colossus({ supplies: [site] })
  assert.deepEqual(supplyCells(summary), [
    ['supply', 'MWh', 'fuel MWh', 'cost', 'starts'],
    ['grid at island<1>', '900', '0', '$ 45,900', '0'],
    ['smt-130 at island<1>', '1,200', '3,390', '$ 55,100', '7'],
  ])
  assert.deepEqual(supplySentences(summary), ['island<1>: $ 101,000, $ 50.5 a MWh drawn; the '
    + 'battery '
    + 'between 31.0 % and 62.0 %, 1.50 cycles; not served 0.250 MWh, at most 21 MW; the grid '
    + 'stepped by up to 4 MW against its ramp.'])
  assert.match(supplySection(summary), /island&lt;1&gt;/)
  assert.doesNotMatch(supplySection(summary), /island<1>/)
})

test('a picture of layers, the highest first; charging is not below the axis', () => {
  const series = colossusSeries(2)
  const supplies = { gridW: [10e6, 10e6], generatorsW: [5e6, 0], solarW: [0, 0],
    batteryW: [2e6, -4e6], heldRatio: [0.5, 0.52] }
  const chart = timeCharts(colossus(), { ...series, supplies }).at(-1)!
  assert.deepEqual(chart.spec.lines.map(({ label, values }) => [label, ...values]), [
    ['+ battery', 17, 10, 10], ['+ generators', 15, 10, 10], ['grid', 10, 10, 10],
    ['charge', 0.5, 0.52, 0.52]])
  assert.match(chart.sentence, /^On average grid 10 MW, generators 2.5 MW, battery 1 MW\. /)
})

test('where no site names supplies nothing is said of them', () => {
  const summary = colossus()
  assert.deepEqual([supplyCells(summary), supplySentences(summary), supplySection(summary)],
    [[], [], ''])
  assert.equal(timeCharts(colossus(), colossusSeries(2)).length, 3)
})
