// Shows how supplies and cooling of a factory file become nouns of the plant, with the catalogue's
// numbers where the file is silent, and that what does not fit is said at its place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorySchema } from '../model/schema.ts'
import { loadCatalogue } from './catalogue.ts'
import { coolingPer10k } from './cooling.ts'
import { compilePlant, resolvePlant } from './plant.ts'

const catalogue = loadCatalogue()
const racks = [{ system: 'dgx-h100', count: 20 }]

test('supplies are counted, named and priced', () => {
  const { sites } = compile({ supplies: [
    { type: 'megapack-2xl', count: 168 },
    { type: 'smt-130', count: 15, fuelPrice: '3 USD/MMBtu' },
    { type: 'grid', firm: '150 MW', interruptible: '50 MW', notice: '30m', calledHours: 44,
      ramp: '20 MW/min', price: '47 USD/MWh', demandCharge: '12 USD/kW-month' },
    { type: 'solar', count: 30 },
  ] })
  const [battery, turbine, grid, solar] = sites[0]!.supplies!
  assert.equal(sites[0]!.isIslanded, false)
  assert.ok(battery!.type === 'battery')
  assert.equal(battery.energyJ, 168 * 3.9e6 * 3600)
  assert.equal(Math.round(battery.dischargeW), 164_640_000)
  assert.ok(turbine!.type === 'turbine')
  assert.deepEqual([turbine.units, turbine.unitW, turbine.startMs, turbine.rampWPerMin],
    [15, 16e6, 600_000, 8e6])
  assert.equal(turbine.fuelUsdPerMwh.toFixed(2), '10.24')
  assert.deepEqual(grid, { type: 'grid', name: 'grid', firmW: 150e6, interruptibleW: 50e6,
    noticeMs: 1_800_000, mostCalledMs: 44 * 3_600_000, riseWPerMin: 20e6, fallWPerMin: 20e6,
    usdPerMwh: 47, isMarket: false, usdPerWMonth: 0.012 })
  assert.ok(solar!.type === 'solar' && solar.peakW === 30e6)
})

test('a site without a grid is islanded, unless the file says otherwise', () => {
  const supplies = [{ type: 'recip', count: 20 }]
  assert.equal(compile({ supplies }).sites[0]!.isIslanded, true)
  assert.equal(compile({ supplies, islanded: false }).sites[0]!.isIslanded, false)
})

test('what does not fit is said at its place, with what would do', () => {
  const { problems } = resolvePlant(factorySchema.parse({ name: 'a', sites: [{ name: 's', racks,
    cooling: 'towr', supplies: [{ type: 'megapack' }, { type: 'grid', count: 2 },
      { type: 'recip', charge: 0.5 }, { type: 'recip' }] }] }), catalogue)
  assert.deepEqual(problems.map(({ path, message }) => `${path.join('.')}: ${message}`), [
    'sites.0.cooling: there is no way to cool called "towr"; a number from 1 to 5 would do, or one '
      + 'of chiller, tower, dry; did you mean "tower"?',
    'sites.0.supplies.0.type: there is no supply "megapack"; the catalogue has grid, '
      + 'megapack-2xl, megapack-3, smt-130, tm2500, titan-350, frame-gt, ccgt, recip, diesel, solar'
      + '; did you mean "megapack-3"?',
    'sites.0.supplies.1.count: "count" means nothing for grid; it takes firm, interruptible, '
      + 'notice, calledHours, ramp, price, demandCharge',
    'sites.0.supplies.1: a grid contract has no watts; say firm, interruptible or both',
    'sites.0.supplies.2.charge: "charge" means nothing for recip; it takes count, unit, start, '
      + 'ramp, leastLoad, fuelPrice',
    'sites.0.supplies.3: the site has a supply "recip" already; give this one another name',
  ])
  const wrong = factorySchema.safeParse({ name: 'a', sites: [{ name: 's', racks,
    supplies: [{ type: 'grid', firm: '150', price: '47 USD' }] }] })
  assert.match(JSON.stringify(wrong.error?.issues),
    /\\"150\\" has no unit; a power takes W, kW, .*the unit \\"USD\\"; a price takes USD\/MWh/)
})

test('cooling by the weather: the feeder counts the worst, the hall has the curve', () => {
  const plant = compile({ cooling: 'chiller' })
  assert.equal(plant.feeders.find(({ name }) => name === 'hall1')!.ratioPer10k, 13_500)
  const { cooling } = plant.halls[0]!
  assert.deepEqual([-10, 0, 10, 20, 30, 40, 50].map((tempC) => coolingPer10k(cooling!, tempC, 0.5)),
    [11_500, 11_500, 11_850, 12_200, 12_850, 13_500, 13_500])
})

test('a tower cools by its wet thermometer', () => {
  const { cooling } = catalogue.cooling.find((one) => one.cooling.name === 'tower')!
  assert.equal(coolingPer10k(cooling, 28, 1), 12_500)
  // At 40 % humidity the dew point lies 12 C lower, a wet thermometer a third of that.
  assert.equal(coolingPer10k(cooling, 28, 0.4), coolingPer10k(cooling, 24, 1))
})

function compile(site: object) {
  return compilePlant(
    factorySchema.parse({ name: 'a', sites: [{ name: 's', racks, ...site }] }), catalogue)
}

test('a site without a limit takes what its supplies can give for ever', () => {
  const limitOf = (site: object) => compile(site).feeders[0]!.limitW
  const grid = { type: 'grid', firm: '100 MW', interruptible: '50 MW' }
  const turbines = { type: 'smt-130', count: 15 }
  // A battery holds and gives nothing for ever; an island keeps its largest unit back.
  assert.equal(limitOf({ supplies: [grid, turbines, { type: 'megapack-2xl', count: 168 }] }), 390e6)
  assert.equal(limitOf({ supplies: [turbines, { type: 'recip' }] }), 15 * 16e6)
  assert.equal(limitOf({ supplies: [grid], limit: '60 MW' }), 60e6)
  const { problems } = resolvePlant(factorySchema.parse({ name: 'a', sites: [{ name: 's', racks,
    supplies: [{ type: 'diesel' }] }] }), catalogue)
  assert.match(problems[0]!.message, /^the limit of s, 0 W, is below what it draws/)
  assert.deepEqual(problems[0]!.path, ['sites', 0, 'supplies'])
})
