// Shows the search trees against a sorted list: order, sums, first, walks and searches by weight,
// after any inserts and removals; and that their shape does not depend on the history.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { randomStream } from '../../src/base/random.ts'
import { toyRow } from '../../test/toy-plant.ts'
import { toyState } from '../../test/toy-state.ts'
import { firstItem, insertItem, itemsBefore, keyReaching, removeItem, sumOf, sumUpTo, Walk }
  from './tree.ts'

const ITEMS = 40

type Item = { readonly item: number, readonly key: number, readonly weight: number }

/** In the order of key, then tie: ties here run against the ids. */
function sorted(model: readonly Item[]): Item[] {
  return [...model].sort((a, b) => a.key - b.key || b.item - a.item)
}

test('any inserts and removals agree with a sorted list', () => {
  const state = toyState({ sites: toyRow(ITEMS) })
  const step = fc.record({
    item: fc.nat(ITEMS - 1), key: fc.integer({ min: -3, max: 3 }), weight: fc.nat(4),
  })
  fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
    let root = -1
    let model: Item[] = []
    for (const next of steps) {
      if (model.some(({ item }) => item === next.item)) {
        root = removeItem(state, root, next.item)
        model = model.filter(({ item }) => item !== next.item)
      } else {
        root = insertItem(state, root, next.item, next.key, -next.item, next.weight)
        model.push(next)
      }
    }
    const list = sorted(model)
    const walked: number[] = []
    const walk = new Walk(state, root)
    for (let item = walk.peek(); item !== -1; item = walk.peek()) {
      assert.equal(walk.next(), item)
      walked.push(item)
    }
    assert.deepEqual(walked, list.map(({ item }) => item))
    assert.equal(firstItem(state, root), list[0]?.item ?? -1)
    const sum = (items: readonly Item[]) => items.reduce((total, { weight }) => total + weight, 0)
    assert.equal(sumOf(state, root), sum(list))
    for (let key = -4; key <= 4; key++) {
      assert.equal(sumUpTo(state, root, key), sum(list.filter((each) => each.key <= key)))
    }
    list.forEach(({ item }, at) => {
      assert.equal(itemsBefore(state, root, item), sum(list.slice(0, at)))
    })
    for (let need = 1; need <= sum(list) + 1; need++) {
      const reached = list.findIndex((_, at) => sum(list.slice(0, at + 1)) >= need)
      assert.equal(keyReaching(state, root, need), list[reached]?.key ?? Infinity)
    }
  }))
})

test('the same members make the same tree, in whatever order they came', () => {
  const shapes = [1, 2, 3].map((seed) => {
    const state = toyState({ sites: toyRow(ITEMS) })
    const random = randomStream(seed, 'order')
    const order = Array.from({ length: ITEMS }, (_, item) => ({ item, draw: random.uint32() }))
    order.sort((a, b) => a.draw - b.draw)
    let root = -1
    for (const { item } of order) root = insertItem(state, root, item, item % 5, item, 1)
    for (let item = 0; item < ITEMS; item += 3) root = removeItem(state, root, item)
    const { left, right, sum } = state.tables.items
    return JSON.stringify([root, [...left], [...right], [...sum].map((each, item) =>
      item < ITEMS && item % 3 !== 0 ? each : 0)])
  })
  assert.equal(new Set(shapes).size, 1)
})

test('a tree of many items in order stays low', () => {
  const state = toyState({ sites: toyRow(20_000) })
  const { left, right } = state.tables.items
  let root = -1
  for (let item = 0; item < 20_000; item++) root = insertItem(state, root, item, item, item, 1)
  let height = 0
  for (let level = [root]; level.length > 0; height++) {
    level = level.flatMap((at) => [left[at]!, right[at]!]).filter((at) => at !== -1)
  }
  // A treap of n items is about 3 log2 n high: 43 here; a list would be 20,000.
  assert.ok(height < 60, `${height} levels`)
})
