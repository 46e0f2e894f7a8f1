// Shows by hand how weather and heat waves move what cooling takes: by hours, where it is news,
// waves before weather, and back again.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fromHours } from '../base/units.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { compilePlant } from '../catalog/plant.ts'
import { factorySchema } from '../model/schema.ts'
import { airOf } from './heat.ts'
import { readScenario } from './scenario.ts'

const plant = compilePlant(factorySchema.parse({ name: 'a', sites: [{ name: 's',
  supplies: [{ type: 'smt-130' }, { type: 'grid', firm: '1 MW', interruptible: '1 MW' }],
  halls: [{ name: 'warm', cooling: 'chiller', racks: [{ system: 'dgx-h100', count: 1 }] },
    { name: 'fixed', cooling: 1.3, racks: [{ system: 'dgx-h100', count: 1 }] }] }],
}), loadCatalogue())

const folder = mkdtempSync(join(tmpdir(), 'millrace-heat-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'air.csv'), 'utc,price_usd_per_mwh,temp_c,rh_pct\n' + [20, 20.1, 30, 30,
  10].map((degrees, hour) => `2023-07-01T0${hour}:00Z,30,${degrees},50\n`).join(''))

function read(text: string) {
  const path = join(folder, 'scenario.yaml')
  writeFileSync(path, text)
  return readScenario(path, plant)
}

const ratios = (text: string) => read(text).happenings.flatMap((each) =>
  each.type === 'ratio' ? [[each.atMs / fromHours(1), plant.feeders[each.feeder]!.name,
    each.ratioPer10k]] : [])

test('a hall follows the hours of the weather, where it is news', () => {
  // Chillers: 1.15 at 0 C, 1.22 at 20 C, 1.35 at 40 C; 20.1 C is 0.05 % more, no news.
  assert.deepEqual(ratios('weather: [{ file: air.csv }]\nevents: []\n'),
    [[0, 'warm', 12_200], [2, 'warm', 12_850], [4, 'warm', 11_850]])
  assert.deepEqual(ratios('weather: [{ file: air.csv, from: "2023-07-01T03:00Z" }]\nevents: []\n'),
    [[0, 'warm', 12_850], [1, 'warm', 11_850]])
})

test('a heat wave in degrees comes before the weather', () => {
  const text = `weather: [{ file: air.csv }]
events: [{ heatWave: { hall: warm, at: 30m, for: 1h, degrees: 40 } },
  { heatWave: { hall: fixed, at: 1h, for: 1h, cooling: 1.4 } }]
`
  assert.deepEqual(ratios(text), [[0, 'warm', 12_200], [0.5, 'warm', 13_500], [1, 'fixed', 14_000],
    [1.5, 'warm', 12_207], [2, 'warm', 12_850], [2, 'fixed', 13_000], [4, 'warm', 11_850]])
})

test('the air at a site is its weather but for the hours of its waves, 15 C without', () => {
  const { weather, waves } = read(`weather: [{ file: air.csv }]
events: [{ heatWave: { hall: warm, at: 30m, for: 1h, degrees: 40 } }]
`)
  assert.deepEqual([...airOf(0, weather, waves)!.values], [20, 20.1, 30, 30, 10])
  const wave = { ...waves[0]!, site: 0 }
  assert.deepEqual([...airOf(0, weather, [wave])!.values], [40, 40, 30, 30, 10])
  assert.deepEqual([...airOf(0, [], [wave])!.values], [40, 40, 15])
  assert.equal(airOf(0, [], waves), undefined)
})

test('what cannot be is said at its place', () => {
  const problemsOf = (event: string) => {
    try {
      read(`events: [{ ${event} }]\n`)
    } catch (error) {
      return String(error).split('\n').map((line) => line.replace(/^.*scenario\.yaml:\S+ /, ''))
    }
    return []
  }
  const said = (event: string, what: RegExp) => assert.match(problemsOf(event).join(' '), what)
  said('heatWave: { site: s, at: 1h, for: 1h, degrees: 40 }',
    /the cooling of fixed does not depend/)
  said('heatWave: { hall: warm, at: 1h, for: 1h }', /or how many degrees it has; one of the two/)
  said('supplyLost: { site: s, supply: smt, at: 1h, for: 1h }',
    /s has no supply "smt"; smt-130, grid would do.*or say the watts/)
  said('supplyLost: { site: s, supply: smt-130, units: 2, at: 1h, for: 1h }', /has 1 unit; up to/)
  said('supplyLost: { site: s, supply: grid, watts: 1 MW, at: 1h, for: 1h }', /leave the watts out/)
  said('curtail: { feeder: warm, at: 1h, for: 1h, target: 1 MW, of: import }',
    /warm is no site with a grid among its supplies/)
  assert.throws(() => read('weather: [{ file: none.csv }]\nevents: []\n'), /no such file/)
})
