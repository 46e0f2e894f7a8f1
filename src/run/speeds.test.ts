// Shows how what a trace says of a job's speed becomes numbers by device type, or a refusal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { speedsOf } from './speeds.ts'

const plant = {
  ...toyPlant({ sites: toyRow([0, 1], [1, 1]), systems: [{ name: 'H100' }, { name: 'B200' }] }),
  speeds: { reference: 'H100', classes: [
    { name: 'pretraining', byDevice: [1, 2] }, { name: 'finetuning', byDevice: [1, 2.5] }] },
}

test('device types by name, a class of work, or nothing', () => {
  assert.deepEqual(speedsOf(plant, ''), [])
  assert.deepEqual(speedsOf(plant, 'H100=1,B200=2.1'), [1, 2.1])
  assert.deepEqual(speedsOf(plant, 'B200=3, GB300=4'), [0, 3])
  assert.deepEqual(speedsOf(plant, 'finetuning'), [1, 2.5])
})

test('nothing differs where there is one type', () => {
  const one = { ...plant, devices: ['H100'] }
  assert.deepEqual(speedsOf(one, 'H100=1,B200=2.1'), [])
  assert.deepEqual(speedsOf(one, 'finetuning'), [])
})

test('what cannot be read, or is of no type here, is refused', () => {
  const message = (text: string) => (speedsOf(plant, text) as { message: string }).message
  assert.match(message('finetunning'), /is no speed; .* or a class of work: pretraining, fine/)
  assert.match(message('H100=0'), /"H100=0" is no speed/)
  assert.match(message('H1OO=1'), /name no device type of this factory; it has H100, B200/)
})
