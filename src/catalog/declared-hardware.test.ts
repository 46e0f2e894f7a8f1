// Shows that a factory file may describe devices and systems of its own, in place of the
// catalogue's or beside them, and that what does not fit is a problem with its place and a remedy.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorySchema } from '../model/schema.ts'
import { loadCatalogue } from './catalogue.ts'
import { resolvePlant } from './plant.ts'

const catalogue = loadCatalogue()

const DEVICE = { name: 'L40S', idle: '33 W', rated: '350 W', speed: 0.4 }
const SYSTEM = {
  name: 'lab-node', device: 'L40S', gpus: 4, cpus: 64, memoryGiB: 512, idle: '400 W',
  rated: '2.4 kW', nodesPerRack: 8,
}

function resolve(devices: readonly object[], systems: readonly object[], system = 'lab-node') {
  return resolvePlant(factorySchema.parse({
    name: 'a', sites: [{ name: 's', racks: [{ system, count: 1 }] }],
    ...(devices.length > 0 && { devices }), ...(systems.length > 0 && { systems }),
  }), catalogue)
}

function problemsOf(devices: readonly object[], systems: readonly object[], system?: string) {
  return resolve(devices, systems, system).problems
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('a device and a system of the file are used as those of the catalogue are', () => {
  const { plant, problems } = resolve([DEVICE], [SYSTEM])
  assert.deepEqual(problems, [])
  assert.deepEqual(plant!.devices, ['L40S'])
  assert.equal(plant!.nodes, 8)
  const [system] = plant!.systems
  assert.deepEqual([system!.gpus, system!.cpus, system!.speed, system!.deviceIdleW,
    system!.deviceRatedW, system!.nodeTypicalW], [4, 64, 0.4, 33, 350, 2400])
  // Its caps act as on the reference, scaled to its range.
  const [curve] = plant!.curves.byClass[0]!
  assert.ok(curve!.capW.length > 10 && curve!.capW.at(-1) === 350)
  assert.equal(plant!.curves.pausedW[0], 33)
})

test('a device that takes no caps has one point: its rating', () => {
  const { plant, problems } = resolve([{ ...DEVICE, minCap: '350 W', paused: '40 W' }], [SYSTEM])
  assert.deepEqual(problems, [])
  const [curve] = plant!.curves.byClass[0]!
  assert.deepEqual([curve!.capW, curve!.speed], [[350], [1]])
  assert.equal(plant!.curves.pausedW[0], 40)
})

test('what is measured of a device of the catalogue takes its place', () => {
  const own = { name: 'H100', idle: '60 W', rated: '600 W' }
  const { plant, problems } = resolve([own], [], 'dgx-h100')
  assert.deepEqual(problems, [])
  assert.deepEqual([plant!.systems[0]!.deviceIdleW, plant!.systems[0]!.deviceRatedW], [60, 600])
})

test('a system without devices needs none', () => {
  const { device, gpus, ...rest } = SYSTEM
  void [device, gpus]
  const { plant, problems } = resolve([], [rest])
  assert.deepEqual(problems, [])
  assert.deepEqual([plant!.gpus, plant!.systems[0]!.device], [0, -1])
})

test('what does not fit is told with its place and what would do', () => {
  assert.deepEqual(problemsOf([{ ...DEVICE, rated: '30 W' }], [SYSTEM]), [
    'devices.0.rated: "30 W" is not between its idle draw, "33 W"; a value there would do'])
  assert.deepEqual(problemsOf([{ ...DEVICE, minCap: '400 W' }], [SYSTEM]), [
    'devices.0.minCap: "400 W" is not between its idle draw, "33 W", and its rating, "350 W"; a '
      + 'value there would do'])
  assert.deepEqual(problemsOf([DEVICE, DEVICE], [SYSTEM]), [
    'devices.1.name: "L40S" is there already; another name would do'])
  assert.match(problemsOf([DEVICE], [{ ...SYSTEM, device: 'L40' }])[0]!,
    /^systems\.0\.device: there is no device "L40" .*did you mean "L40S"\?$/)
  assert.deepEqual(problemsOf([DEVICE], [{ ...SYSTEM, rated: '1 kW' }]), [
    'systems.0.rated: "1 kW" is less than its devices at their rating, 1400 W; give what a node '
      + 'draws at most, all of it'])
  assert.deepEqual(problemsOf([{ name: 'H100', idle: '70 W', rated: '2 kW' }], [], 'dgx-h100'), [
    'devices.0.rated: 8 of them are rated above their node, dgx-h100 (10200 W); describe that '
      + 'system under systems too'])
})
