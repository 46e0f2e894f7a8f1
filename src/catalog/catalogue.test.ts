// Shows that every number of the catalogue has a source and fits its neighbours, and that the
// fault rates are those of Llama 3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogueRows, loadCatalogue } from './catalogue.ts'
import { EVIDENCE } from './sourced.ts'
import { speedsIn } from './speeds.ts'

const catalogue = loadCatalogue()

test('every number has a source and an evidence mark', () => {
  const rows = catalogueRows(catalogue)
  assert.ok(rows.length > 240)
  for (const row of rows) {
    assert.ok(Number.isFinite(row.value) && row.value >= 0, `${row.of}.${row.key}`)
    assert.ok(EVIDENCE.includes(row.evidence), `${row.of}.${row.key}`)
    assert.ok(row.source.includes(' '), `${row.of}.${row.key} has no sentence as its source`)
  }
})

test('the devices and systems of the design are there', () => {
  assert.deepEqual(catalogue.devices.map((device) => device.name), ['V100', 'A100', 'H100', 'H200',
    'B200', 'GB200', 'GB300', 'MI250X', 'MI300X', 'MI325X', 'MI355X'])
  assert.deepEqual(catalogue.systems.map((system) => system.name), ['dgx-v100',
    'a100-gpus-only', 'dgx-a100', 'dgx-h100', 'dgx-h200', 'dgx-b200', 'gb200-nvl72',
    'gb300-nvl72', 'mi250x-frontier', 'mi300x-8', 'mi325x-8', 'mi355x-8', 'cpu-node', 'w1-node',
    'kueue-node'])
})

test('idle, typical and rated watts rise, and a node holds its devices', () => {
  for (const { name, numbers } of [...catalogue.devices, ...catalogue.systems]) {
    assert.ok(numbers.idleW.value <= numbers.typicalW.value, name)
    assert.ok(numbers.typicalW.value <= numbers.ratedW.value, name)
  }
  for (const { name, device, numbers } of catalogue.systems) {
    const chip = catalogue.devices.find((one) => one.name === device)
    if (chip === undefined) continue
    const gpus = numbers.gpus.value
    assert.ok(gpus * chip.numbers.idleW.value <= numbers.idleW.value, name)
    assert.ok(gpus * chip.numbers.ratedW.value <= numbers.ratedW.value, name)
  }
})

test('racks of NVL72 draw what is published for them', () => {
  const rackW = (name: string) => {
    const { numbers } = catalogue.systems.find((system) => system.name === name)!
    return numbers.nodesPerRack.value * numbers.ratedW.value + numbers.rackOverheadW.value
  }
  assert.equal(rackW('gb200-nvl72'), 132_000)
  assert.equal(rackW('gb300-nvl72'), 140_000)
})

test('the counts of Llama 3 come to 419, one every 3.09 hours on 16,384 GPUs', () => {
  const counted = catalogue.failures.filter(({ faults }) => !('tor-switch' in faults))
  const faults = counted.flatMap((one) => Object.values(one.faults)).reduce((a, b) => a + b, 0)
  assert.equal(faults, 419)
  const units = { device: 16_384, node: 2048, rack: 0, feeder: 0 }
  const aDay = catalogue.failures
    .reduce((sum, one) => sum + one.perUnitDay.value * units[one.unit], 0)
  assert.equal((24 / aDay).toFixed(2), '3.09')
  assert.equal((aDay / 2.048).toFixed(2), '3.79')
})

test('the first class of work has a speed for every device, and the reference runs at 1', () => {
  const { reference, classes } = catalogue.speeds
  assert.deepEqual(classes.map(({ name }) => name),
    ['pretraining', 'finetuning', 'recommendation', 'detection', 'diffusion', 'encoder'])
  for (const { name } of catalogue.devices) assert.ok(classes[0]!.byDevice[name]!.value > 0, name)
  for (const { byDevice } of classes) assert.equal(byDevice[reference]!.value, 1)
  const shown = catalogueRows(catalogue).filter((row) => row.of === 'B200')
  assert.deepEqual(shown.filter(({ key }) => key.startsWith('speed.'))
    .map(({ key, value }) => [key, value]),
    [['speed.pretraining', 2.006], ['speed.finetuning', 2.454], ['speed.recommendation', 1.662],
      ['speed.detection', 1.607], ['speed.diffusion', 1.927], ['speed.encoder', 1.504]])
})

test('a plant has the speeds of its own devices; a class without one takes the first class', () => {
  const devices = ['A100', 'B200']
  assert.deepEqual(speedsIn(catalogue.speeds, 0, devices), [0.458, 2.006])
  assert.deepEqual(speedsIn(catalogue.speeds, 1, devices), [0.458, 2.454])
})
