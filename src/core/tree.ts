import { NONE } from '../base/id.ts'
import type { State } from './state.ts'

/**
 * Search trees in columns (treaps): pending jobs of a lane by rank, and what a pool and site will
 * release by time, with sums of weights. Every item is in at most one tree. The shape depends
 * only on the members, since an item's height comes from its id. O(log n) a call.
 */

/** Puts an item into the tree at `root` and returns the new root. */
export function insertItem(
  state: State, root: number, item: number, key: number, tie: number, weight: number): number {
  const { items } = state.tables
  items.key[item] = key
  items.tie[item] = tie
  items.weight[item] = weight
  const height = heightOf(item)
  let above = NONE
  let isLeft = false
  let at = root
  while (at !== NONE && heightOf(at) >= height) {
    items.sum[at] = items.sum[at]! + weight
    above = at
    isLeft = isBefore(state, item, at)
    at = isLeft ? items.left[at]! : items.right[at]!
  }
  split(state, at, item)
  items.sum[item] = weight + sumOf(state, items.left[item]!) + sumOf(state, items.right[item]!)
  if (above === NONE) return item
  if (isLeft) items.left[above] = item
  else items.right[above] = item
  return root
}

/** Takes an item out of the tree at `root` and returns the new root. */
export function removeItem(state: State, root: number, item: number): number {
  const { items } = state.tables
  const weight = items.weight[item]!
  let above = NONE
  let isLeft = false
  let at = root
  while (at !== item) {
    items.sum[at] = items.sum[at]! - weight
    above = at
    isLeft = isBefore(state, item, at)
    at = isLeft ? items.left[at]! : items.right[at]!
  }
  const rest = merge(state, items.left[item]!, items.right[item]!)
  items.left[item] = NONE
  items.right[item] = NONE
  if (above === NONE) return rest
  if (isLeft) items.left[above] = rest
  else items.right[above] = rest
  return root
}

/** The first item of a tree, or -1. */
export function firstItem(state: State, root: number): number {
  const { left } = state.tables.items
  if (root === NONE) return NONE
  let at = root
  while (left[at] !== NONE) at = left[at]!
  return at
}

/** The smallest key at which the weights up to it reach `need`; Infinity when they never do. */
export function keyReaching(state: State, root: number, need: number): number {
  const { items } = state.tables
  let rest = need
  let best = Infinity
  let at = root
  while (at !== NONE) {
    const left = items.left[at]!
    const before = sumOf(state, left)
    if (before >= rest) {
      at = left
    } else if (before + items.weight[at]! >= rest) {
      best = items.key[at]!
      at = NONE
    } else {
      rest -= before + items.weight[at]!
      at = items.right[at]!
    }
  }
  return best
}

/** Sum of the weights of all items with a key up to `key`. */
export function sumUpTo(state: State, root: number, key: number): number {
  const { items } = state.tables
  let sum = 0
  let at = root
  while (at !== NONE) {
    if (items.key[at]! <= key) {
      sum += sumOf(state, items.left[at]!) + items.weight[at]!
      at = items.right[at]!
    } else {
      at = items.left[at]!
    }
  }
  return sum
}

/** How many items of the tree come before one of its items. */
export function itemsBefore(state: State, root: number, item: number): number {
  const { items } = state.tables
  let count = 0
  let at = root
  while (at !== item) {
    if (isBefore(state, item, at)) {
      at = items.left[at]!
    } else {
      count += sumOf(state, items.left[at]!) + items.weight[at]!
      at = items.right[at]!
    }
  }
  return count + sumOf(state, items.left[item]!)
}

export function sumOf(state: State, root: number): number {
  return root === NONE ? 0 : state.tables.items.sum[root]!
}

/** Walks a tree in order, one item a call. The tree must not change meanwhile. */
export class Walk {
  private readonly stack: number[] = []
  private readonly state: State

  constructor(state: State, root: number) {
    this.state = state
    this.descend(root)
  }

  /** The item that `next` would give, or -1. */
  peek(): number {
    return this.stack.at(-1) ?? NONE
  }

  next(): number {
    const at = this.stack.pop() ?? NONE
    if (at !== NONE) this.descend(this.state.tables.items.right[at]!)
    return at
  }

  private descend(from: number): void {
    const { left } = this.state.tables.items
    for (let at = from; at !== NONE; at = left[at]!) this.stack.push(at)
  }
}

function isBefore(state: State, a: number, b: number): boolean {
  const { key, tie } = state.tables.items
  return key[a]! < key[b]! || (key[a] === key[b] && tie[a]! < tie[b]!)
}

/** A well-spread number from an id: the treap's random height, without a random stream. */
function heightOf(item: number): number {
  let h = Math.imul(item ^ (item >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return (h ^ (h >>> 15)) >>> 0
}

/** Splits the tree at `root` by `item` into the item's left and right subtrees. */
function split(state: State, root: number, item: number): void {
  const { items } = state.tables
  let lastLeft = item
  let lastRight = item
  let at = root
  const path: number[] = []
  while (at !== NONE) {
    path.push(at)
    if (isBefore(state, at, item)) {
      if (lastLeft === item) items.left[item] = at
      else items.right[lastLeft] = at
      lastLeft = at
      at = items.right[at]!
    } else {
      if (lastRight === item) items.right[item] = at
      else items.left[lastRight] = at
      lastRight = at
      at = items.left[at]!
    }
  }
  if (lastLeft === item) items.left[item] = NONE
  else items.right[lastLeft] = NONE
  if (lastRight === item) items.right[item] = NONE
  else items.left[lastRight] = NONE
  for (let step = path.length - 1; step >= 0; step--) update(state, path[step]!)
}

function merge(state: State, left: number, right: number): number {
  const { items } = state.tables
  if (left === NONE) return right
  if (right === NONE) return left
  const isLeftHigher = heightOf(left) >= heightOf(right)
  if (isLeftHigher) {
    items.right[left] = merge(state, items.right[left]!, right)
    update(state, left)
    return left
  }
  items.left[right] = merge(state, left, items.left[right]!)
  update(state, right)
  return right
}

function update(state: State, at: number): void {
  const { items } = state.tables
  items.sum[at] = items.weight[at]!
    + sumOf(state, items.left[at]!) + sumOf(state, items.right[at]!)
}
