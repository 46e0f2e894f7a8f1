// Shows how a document becomes a plant: defaults, partly filled racks, the watts of the power tree
// worked out by hand, and a million GPUs in time.
import { NO_QUOTA } from '../model/index.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorySchema } from '../model/schema.ts'
import type { FactoryDocument } from '../model/schema.ts'
import { loadCatalogue } from './catalogue.ts'
import { compilePlant, resolvePlant } from './plant.ts'

const catalogue = loadCatalogue()

test('a name, a site and racks are enough', () => {
  const plant = compile({ name: 'small', sites: [site([{ system: 'dgx-h100', count: 20 }])] })
  assert.equal(plant.gpus, 640)
  assert.equal(plant.nodes, 80)
  assert.deepEqual(plant.sites, [{ name: 'here', firstHall: 0, endHall: 1, feeder: 0 }])
  assert.deepEqual(plant.halls, [{ name: 'hall1', site: 0, firstRow: 0, endRow: 2 }])
  assert.deepEqual(plant.rows, [
    { name: 'hall1/row01', hall: 0, firstRack: 0, endRack: 16 },
    { name: 'hall1/row02', hall: 0, firstRack: 16, endRack: 20 },
  ])
  assert.equal(plant.racks[17]!.name, 'hall1/row02/rack02')
  assert.deepEqual(plant.pools, [{ name: 'dgx-h100', system: 0 }])
  assert.deepEqual(plant.queues, [{
    name: 'default', pools: [0], parent: -1, weight: 1,
    quota: { gpus: NO_QUOTA, cores: NO_QUOTA }, defaultLimitMs: 86_400_000, leastRunMs: 0,
    priority: 0 }])
  assert.deepEqual(plant.failures.classes.map((one) => one.name),
    ['device', 'host', 'link', 'software', 'rack'])
  assert.equal(plant.failures.checkpointStallMs, 590)
})

test('30,000 GB200 are 416 racks of 72 and one of 12 trays', () => {
  const plant = compile({ name: 'nvl', sites: [site([{ system: 'gb200-nvl72', gpus: 30_000 }])] })
  assert.equal(plant.racks.length, 417)
  const last = plant.racks[416]!
  assert.equal(last.endNode - last.firstNode, 12)
  assert.equal(last.endNode, 7500)
  // 12 trays of 6,667 W, 48 devices at 200 of 1,200 W, and the whole overhead of a rack.
  assert.equal(plant.feeders[last.feeder]!.baseW, 12 * (6667 - 4 * 1000) + 11_994)
})

test('watts add up from racks to the site by base, cooling and loss, rounded up', () => {
  const plant = compile({
    name: 'tree',
    sites: [{
      name: 'here',
      base: '1 kW',
      halls: [{
        base: '500 W',
        cooling: 1.3333,
        racksPerRow: 2,
        racks: [{ system: 'dgx-h100', nodes: 9 }],
      }],
      feeders: [{ name: 'transformer', loss: 0.02, base: '7 W', feeds: ['hall1'] }],
    }],
  })
  const by = Object.fromEntries(plant.feeders.map((feeder) => [feeder.name, feeder]))
  assert.deepEqual(plant.feeders.map((feeder) => feeder.name), ['here', 'transformer', 'hall1',
    'hall1/row01', 'hall1/row01/rack01', 'hall1/row01/rack02', 'hall1/row02', 'hall1/row02/rack01'])
  // A node is rated 10,200 W; its eight devices idle at 73 W and go up to 700 W.
  assert.equal(by['hall1/row01/rack01']!.baseW, 4 * (10_200 - 8 * 627))
  assert.equal(by['hall1/row01/rack01']!.limitW, 40_800)
  assert.equal(by['hall1/row02/rack01']!.baseW, 5184)
  assert.equal(by['hall1/row01']!.limitW, 81_600)
  const hallW = 500 + 81_600 + 10_200
  assert.equal(by['hall1']!.limitW, hallW)
  assert.equal(by['hall1']!.ratioPer10k, 13_333)
  const transformerW = 7 + Math.ceil(hallW * 1.3333)
  assert.equal(by['transformer']!.limitW, transformerW)
  assert.equal(by['transformer']!.ratioPer10k, 10_205)
  assert.equal(by['here']!.limitW, 1000 + Math.ceil(transformerW * 1.0205))
})

test('a limit below the draw of an empty plant is a problem, one at it is not', () => {
  const racks = [{ system: 'dgx-h100', count: 1, rackLimit: '20736 W' }]
  assert.equal(compile({ name: 'a', sites: [site(racks)] }).feeders[3]!.limitW, 20_736)
  const { problems } = resolve({ name: 'a', sites: [
    { name: 'here', limit: '20735 W', racks: [{ system: 'dgx-h100', count: 1 }] }] })
  assert.deepEqual(problems, [{
    path: ['sites', 0, 'limit'],
    ofKey: false,
    message: 'the limit of here, 20.7 kW, is below what it draws with no job running, 20.7 kW; '
      + 'from that up to its rating, 40.8 kW, would do',
  }])
})

test('halls are counted, named and cooled', () => {
  const plant = compile({ name: 'a', sites: [
    { name: 'north', cooling: 1.2, racksPerRow: 3, halls: [
      { count: 2, racks: [{ system: 'mi300x-8', rows: 2 }] },
      { name: 'old', cooling: 1.5, racks: [{ system: 'cpu-node', count: 1 }] },
      { name: 'new', count: 2, racks: [{ system: 'dgx-h100', count: 1 }] },
    ] },
    { name: 'south', racks: [{ system: 'dgx-h100', count: 1 }] },
  ] })
  assert.deepEqual(plant.halls.map((hall) => hall.name),
    ['north/hall1', 'north/hall2', 'north/old', 'north/new1', 'north/new2', 'south/hall1'])
  const ratioOf = (name: string) => plant.feeders.find((one) => one.name === name)!.ratioPer10k
  assert.equal(ratioOf('north/hall1'), 12_000)
  assert.equal(ratioOf('north/old'), 15_000)
  assert.equal(ratioOf('south/hall1'), 10_000)
  assert.equal(plant.racks.length, 2 * 6 + 1 + 2 + 1)
  assert.deepEqual(plant.devices, ['MI300X', 'H100'])
  assert.equal(plant.systems[1]!.device, -1)
})

test('no failures means no start-up times either; classes may be changed one by one', () => {
  const none = compile({ name: 'a', failures: 'none', sites: [SMALL] })
  assert.deepEqual(none.failures.classes, [])
  assert.equal(none.failures.launchMs, 0)
  const { failures } = compile({ name: 'a', sites: [SMALL], failures: {
    detect: '3m',
    checkpoint: { stall: '2s' },
    classes: {
      device: 'none',
      host: { mtbf: '1000d', repair: ['30m', '2h'] },
      slow: { per1000UnitDays: 2.4 },
    },
  } })
  assert.equal(failures.detectMs, 180_000)
  assert.equal(failures.checkpointStallMs, 2000)
  assert.equal(failures.checkpointSaveMs, 51_000)
  assert.deepEqual(failures.classes.map((one) => one.name),
    ['host', 'link', 'software', 'rack', 'slow'])
  assert.equal(failures.classes[0]!.ratePerHour, 1 / 24_000)
  assert.deepEqual(failures.classes[0]!.repairMs, [1_800_000, 7_200_000])
  assert.equal(failures.classes[4]!.ratePerHour, 0.0024 / 24)
  assert.equal(failures.classes[4]!.slowRatio, 0.993)
})

test('sizes that cannot be meant are problems', () => {
  const messageOf = (group: Group) =>
    resolve({ name: 'a', sites: [site([group])] }).problems[0]!.message
  assert.equal(messageOf({ system: 'dgx-h100' }),
    'the rack group has no size; say exactly one of count, rows, nodes, gpus')
  assert.equal(messageOf({ system: 'dgx-h100', count: 1, gpus: 8 }),
    'the rack group has count and gpus; say exactly one of count, rows, nodes, gpus')
  assert.equal(messageOf({ system: 'dgx-h100', gpus: 3 }),
    '3 GPUs do not fill whole nodes of 8; 8 would do')
  assert.equal(messageOf({ system: 'cpu-node', gpus: 3 }),
    '3 GPUs do not fill whole nodes of 0; say count, rows or nodes')
  assert.equal(messageOf({ system: 'gb200-nvl72', count: 1, nodesPerRack: 19 }),
    '19 nodes do not fit one link domain; a rack of gb200-nvl72 holds 18')
  assert.match(messageOf({ system: 'dgx-h100', count: 1e9 }), /^with these, the factory comes to/)
})

test('a million GPUs compile in time', () => {
  const document = checked({ name: 'million', sites: [{ name: 'here', cooling: 1.3, halls: [
    { count: 40, racks: [{ system: 'dgx-h100', gpus: 25_000, nodesPerRack: 8 }] }] }] })
  const before = performance.now()
  const plant = compilePlant(document, catalogue)
  const ms = performance.now() - before
  assert.equal(plant.gpus, 1_000_000)
  assert.equal(plant.racks.length, 40 * 391)
  assert.ok(ms < 500, `took ${Math.round(ms)} ms`)
})

type Group = NonNullable<FactoryDocument['sites'][number]['racks']>[number]

const SMALL = site([{ system: 'dgx-h100', count: 1 }])

function site(racks: Group[]): FactoryDocument['sites'][number] {
  return { name: 'here', racks }
}

function checked(document: FactoryDocument): FactoryDocument {
  return factorySchema.parse(document)
}

function compile(document: FactoryDocument) {
  return compilePlant(checked(document), catalogue)
}

function resolve(document: FactoryDocument) {
  return resolvePlant(checked(document), catalogue)
}
