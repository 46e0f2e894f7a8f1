import { NONE } from '../base/id.ts'

/**
 * Search trees in columns (treaps): pending jobs of a lane by rank, and what a pool and site will
 * release by time, with sums of weights. Every item is in at most one tree. The shape depends
 * only on the members, since an item's height comes from its id. O(log n) a call.
 */

/** What holds the items of some trees: a state, or the releases beside it. */
export type Forest = { readonly tables: { readonly items: {
  readonly key: Float64Array
  readonly tie: Float64Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly weight: Int32Array
  readonly sum: Int32Array
} } }

/** Puts an item into the tree at `root` and returns the new root. */
export function insertItem(
  forest: Forest, root: number, item: number, key: number, tie: number, weight: number): number {
  const { items } = forest.tables
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
    isLeft = isBefore(forest, item, at)
    at = isLeft ? items.left[at]! : items.right[at]!
  }
  split(forest, at, item)
  items.sum[item] = weight + sumOf(forest, items.left[item]!) + sumOf(forest, items.right[item]!)
  if (above === NONE) return item
  if (isLeft) items.left[above] = item
  else items.right[above] = item
  return root
}

/** Takes an item out of the tree at `root` and returns the new root. */
export function removeItem(forest: Forest, root: number, item: number): number {
  const { items } = forest.tables
  const weight = items.weight[item]!
  let above = NONE
  let isLeft = false
  let at = root
  while (at !== item) {
    items.sum[at] = items.sum[at]! - weight
    above = at
    isLeft = isBefore(forest, item, at)
    at = isLeft ? items.left[at]! : items.right[at]!
  }
  const rest = merge(forest, items.left[item]!, items.right[item]!)
  items.left[item] = NONE
  items.right[item] = NONE
  if (above === NONE) return rest
  if (isLeft) items.left[above] = rest
  else items.right[above] = rest
  return root
}

/** The first item of a tree, or -1. */
export function firstItem(forest: Forest, root: number): number {
  const { left } = forest.tables.items
  if (root === NONE) return NONE
  let at = root
  while (left[at] !== NONE) at = left[at]!
  return at
}

/** The smallest key at which the weights up to it reach `need`; Infinity when they never do. */
export function keyReaching(forest: Forest, root: number, need: number): number {
  const { items } = forest.tables
  let rest = need
  let best = Infinity
  let at = root
  while (at !== NONE) {
    const left = items.left[at]!
    const before = sumOf(forest, left)
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
export function sumUpTo(forest: Forest, root: number, key: number): number {
  const { items } = forest.tables
  let sum = 0
  let at = root
  while (at !== NONE) {
    if (items.key[at]! <= key) {
      sum += sumOf(forest, items.left[at]!) + items.weight[at]!
      at = items.right[at]!
    } else {
      at = items.left[at]!
    }
  }
  return sum
}

/** How many items of the tree come before one of its items. */
export function itemsBefore(forest: Forest, root: number, item: number): number {
  const { items } = forest.tables
  let count = 0
  let at = root
  while (at !== item) {
    if (isBefore(forest, item, at)) {
      at = items.left[at]!
    } else {
      count += sumOf(forest, items.left[at]!) + items.weight[at]!
      at = items.right[at]!
    }
  }
  return count + sumOf(forest, items.left[item]!)
}

export function sumOf(forest: Forest, root: number): number {
  return root === NONE ? 0 : forest.tables.items.sum[root]!
}

/** Walks a tree in order, one item a call. The tree must not change meanwhile. */
export class Walk {
  private readonly stack: number[] = []
  private readonly forest: Forest

  constructor(forest: Forest, root: number) {
    this.forest = forest
    this.descend(root)
  }

  /** The item that `next` would give, or -1. */
  peek(): number {
    return this.stack.at(-1) ?? NONE
  }

  next(): number {
    const at = this.stack.pop() ?? NONE
    if (at !== NONE) this.descend(this.forest.tables.items.right[at]!)
    return at
  }

  private descend(from: number): void {
    const { left } = this.forest.tables.items
    for (let at = from; at !== NONE; at = left[at]!) this.stack.push(at)
  }
}

function isBefore(forest: Forest, a: number, b: number): boolean {
  const { key, tie } = forest.tables.items
  return key[a]! < key[b]! || (key[a] === key[b] && tie[a]! < tie[b]!)
}

/** A well-spread number from an id: the treap's random height, without a random stream. */
function heightOf(item: number): number {
  let h = Math.imul(item ^ (item >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return (h ^ (h >>> 15)) >>> 0
}

/** Splits the tree at `root` by `item` into the item's left and right subtrees. */
function split(forest: Forest, root: number, item: number): void {
  const { items } = forest.tables
  let lastLeft = item
  let lastRight = item
  let at = root
  const path: number[] = []
  while (at !== NONE) {
    path.push(at)
    if (isBefore(forest, at, item)) {
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
  for (let step = path.length - 1; step >= 0; step--) update(forest, path[step]!)
}

function merge(forest: Forest, left: number, right: number): number {
  const { items } = forest.tables
  if (left === NONE) return right
  if (right === NONE) return left
  const isLeftHigher = heightOf(left) >= heightOf(right)
  if (isLeftHigher) {
    items.right[left] = merge(forest, items.right[left]!, right)
    update(forest, left)
    return left
  }
  items.left[right] = merge(forest, left, items.left[right]!)
  update(forest, right)
  return right
}

function update(forest: Forest, at: number): void {
  const { items } = forest.tables
  items.sum[at] = items.weight[at]!
    + sumOf(forest, items.left[at]!) + sumOf(forest, items.right[at]!)
}
