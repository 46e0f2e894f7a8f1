// Shows which queues may use which racks: owned, shared, both, and the mistakes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorySchema } from '../model/schema.ts'
import { loadCatalogue } from './catalogue.ts'
import { resolvePlant } from './plant.ts'

const catalogue = loadCatalogue()

test('racks with queues are theirs alone, all others are shared by who owns none', () => {
  const { plant } = resolve([{ name: 'a' }, { name: 'b' }, { name: 'c', shared: true }], [
    { system: 'dgx-h100', count: 1 },
    { system: 'dgx-h100', count: 1, queues: ['c', 'b'] },
    { system: 'mi300x-8', count: 1 },
    { system: 'dgx-h100', count: 1, queues: ['b', 'c'] },
    { system: 'dgx-h100', count: 1 },
  ])
  assert.deepEqual(plant!.pools.map((pool) => pool.name), ['dgx-h100', 'dgx-h100@b+c', 'mi300x-8'])
  assert.deepEqual(plant!.racks.map((rack) => rack.pool), [0, 1, 2, 1, 0])
  assert.deepEqual(plant!.queues.map((queue) => queue.pools), [[0, 2], [1], [1, 0, 2]])
})

test('quota, priority and expected run time', () => {
  const asked = { name: 'a', quota: 64, priority: -5, defaultLimit: '90m' }
  const { plant } = resolve([asked], [{ system: 'dgx-h100', count: 1 }])
  const [queue] = plant!.queues
  assert.equal(queue!.quota.gpus.own, 64)
  assert.equal(queue!.priority, -5)
  assert.equal(queue!.defaultLimitMs, 5_400_000)
})

test('queues without racks, racks without queues, unknown and twice', () => {
  const owned = { system: 'dgx-h100', count: 1, queues: ['a'] }
  assert.deepEqual(complaints([{ name: 'a' }, { name: 'b' }], [owned]),
    ['queues.1: no racks serve the queue "b"; leave some racks without queues, or name it in the '
      + 'queues of a rack group'])
  assert.deepEqual(complaints([{ name: 'a' }], [owned, { system: 'dgx-h100', count: 1 }]),
    ['sites.0.racks.1: no queue may use these shared racks; name their queues here, or give a '
      + 'queue shared: true'])
  assert.deepEqual(complaints([{ name: 'robots' }], [{ ...owned, queues: ['robot'] },
    { system: 'dgx-h100', count: 1 }]),
  ['sites.0.racks.0.queues.0: there is no queue "robot"; the file has robots; '
    + 'did you mean "robots"?'])
  assert.deepEqual(complaints([{ name: 'a' }, { name: 'a' }], [{ system: 'dgx-h100', count: 1 }]),
    ['queues.1.name: there is a queue "a" already; another name would do'])
})

function resolve(queues: object[], racks: object[]) {
  return resolvePlant(
    factorySchema.parse({ name: 'f', sites: [{ name: 's', racks }], queues }), catalogue)
}

function complaints(queues: object[], racks: object[]): string[] {
  return resolve(queues, racks).problems.map((one) => `${one.path.join('.')}: ${one.message}`)
}
