// Shows what a queue of a tree may hold, in cases worked out by hand as for Kueue's cohorts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { NO_QUOTA, type Queue, type Quota } from '../model/index.ts'
import { bindingQueue, borrowedBy, chargeQuota, isBelow, quotaRoom, quotaTreeOf } from './quota.ts'

function queue(parent: number, gpus: Partial<Quota>): Queue {
  return {
    name: '', parent, pools: [0],
    quota: { gpus: { ...NO_QUOTA, own: 0, ...gpus }, cores: NO_QUOTA },
    weight: 1, defaultLimitMs: 1, leastRunMs: 0, priority: 0,
  }
}

/** What each queue could still take when those of `held` hold so many. */
function roomsOf(queues: readonly Queue[], held: readonly number[]): number[] {
  const tree = quotaTreeOf(queues)
  const used = new Int32Array(queues.length)
  held.forEach((gpus, at) => chargeQuota(tree, used, at, 'gpus', gpus))
  return queues.map((_, at) => quotaRoom(tree, used, at, 'gpus'))
}

test('a queue by itself has its own quota, or none', () => {
  assert.deepEqual(roomsOf([queue(-1, { own: 8 }), queue(-1, { own: Infinity })], [3, 100]),
    [5, Infinity])
})

test('two teams borrow what the other does not use', () => {
  const queues = [queue(-1, {}), queue(0, { own: 6 }), queue(0, { own: 4 })]
  assert.deepEqual(roomsOf(queues, [0, 0, 0]), [10, 10, 10])
  // The first holds 9: three of them borrowed. One is left for either.
  assert.deepEqual(roomsOf(queues, [0, 9, 0]), [1, 1, 1])
})

test('borrowing has a limit of its own, and so has lending', () => {
  const queues = [queue(-1, {}), queue(0, { own: 6, borrow: 1 }), queue(0, { own: 4, lend: 3 })]
  // Of ten, one is kept for the second; the first may hold seven.
  assert.deepEqual(roomsOf(queues, [0, 0, 0]), [9, 7, 10])
  assert.deepEqual(roomsOf(queues, [0, 7, 0]), [2, 0, 3])
  // What the second holds of what it keeps is not missed by the first.
  assert.deepEqual(roomsOf(queues, [0, 6, 1]), [3, 1, 3])
})

test('a department shares with another only what its teams leave', () => {
  const queues = [queue(-1, {}), queue(0, { own: 2 }), queue(0, { borrow: 0 }),
    queue(1, { own: 4 }), queue(1, { own: 0 }), queue(2, { own: 8 })]
  // Department 1 has 2 and its team's 4; department 2 has its team's 8 and may borrow nothing.
  assert.deepEqual(roomsOf(queues, [0, 0, 0, 0, 0, 0]), [14, 14, 8, 14, 14, 8])
  assert.deepEqual(roomsOf(queues, [0, 0, 0, 4, 5, 0]), [5, 5, 5, 5, 5, 5])
})

test('who binds is the first on the way up that has no more room', () => {
  const queues = [queue(-1, {}), queue(0, { own: 6, borrow: 1 }), queue(0, { own: 4 })]
  const tree = quotaTreeOf(queues)
  const used = new Int32Array(3)
  chargeQuota(tree, used, 1, 'gpus', 7)
  assert.equal(bindingQueue(tree, used, 1, 'gpus'), 1)
  assert.equal(borrowedBy(tree, used, 1, 'gpus'), 1)
  assert.equal(bindingQueue(tree, used, 2, 'gpus'), 0)
  assert.ok(isBelow(tree, 2, 0) && isBelow(tree, 2, 2) && !isBelow(tree, 2, 1))
})

test('what is charged and given back leaves nothing; room is never more than there is', () => {
  const shape = fc.record({ own: fc.nat(9), borrow: fc.nat(5), lend: fc.nat(9) })
  fc.assert(fc.property(fc.array(shape, { minLength: 4, maxLength: 4 }), fc.nat(3), fc.nat(12),
    (quotas, at, gpus) => {
      const parents = [-1, 0, 0, 1]
      const queues = quotas.map((quota, id) => queue(parents[id]!, quota))
      const tree = quotaTreeOf(queues)
      const used = new Int32Array(4)
      const room = quotaRoom(tree, used, at, 'gpus')
      assert.ok(room <= quotas.reduce((sum, quota) => sum + quota.own, 0))
      chargeQuota(tree, used, at, 'gpus', gpus)
      assert.equal(gpus <= room, quotaRoom(tree, used, at, 'gpus') >= 0)
      chargeQuota(tree, used, at, 'gpus', -gpus)
      assert.deepEqual([...used], [0, 0, 0, 0])
    }))
})
