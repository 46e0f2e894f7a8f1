import type { Queue } from '../model/queue.ts'
import type { State } from './state.ts'

/**
 * The tree of queues, as Kueue's cohorts have it: a queue may hold its own quota and what it
 * borrows of what its siblings do not use. What a queue lends is counted at the queue above it;
 * what it keeps for itself (`guaranteed`) is not. O(depth of the tree) a call.
 */
export const RESOURCES = ['gpus', 'cores'] as const
export type Resource = (typeof RESOURCES)[number]

export type QuotaTree = {
  readonly parent: Int32Array
  /** Whether any queue has a quota at all. */
  readonly isLimited: boolean
  readonly gpus: Limits
  readonly cores: Limits
}

/** By queue: what its subtree owns, what of that is never lent, and the most it may borrow. */
type Limits = {
  readonly subtree: Float64Array
  readonly guaranteed: Float64Array
  readonly borrow: Float64Array
}

export function quotaTreeOf(queues: readonly Queue[]): QuotaTree {
  const parent = Int32Array.from(queues, (queue) => queue.parent)
  const [gpus, cores] = [limitsOf(queues, 'gpus'), limitsOf(queues, 'cores')]
  const isLimited = [...gpus.subtree, ...cores.subtree].some((amount) => amount < Infinity)
  return { parent, isLimited, gpus, cores }
}

/** GPUs or cores that a queue could still take: below zero where it holds more than it may. */
export function quotaRoom(
  tree: QuotaTree, used: Int32Array, queue: number, resource: Resource): number {
  const { subtree, guaranteed, borrow } = resource === 'gpus' ? tree.gpus : tree.cores
  const parent = tree.parent[queue]!
  if (parent < 0) return subtree[queue]! - used[queue]!
  const kept = guaranteed[queue]!
  const own = Math.max(0, kept - used[queue]!)
  const lentAndBorrowed = subtree[queue]! - kept - Math.max(0, used[queue]! - kept) + borrow[queue]!
  return own + Math.min(lentAndBorrowed, quotaRoom(tree, used, parent, resource))
}

/** The queue on the way up that leaves least room, for messages. */
export function bindingQueue(
  tree: QuotaTree, used: Int32Array, queue: number, resource: Resource): number {
  const room = quotaRoom(tree, used, queue, resource)
  const { subtree, borrow } = tree[resource]
  let at = queue
  while (tree.parent[at]! >= 0) {
    if (subtree[at]! + borrow[at]! - used[at]! <= room) return at
    at = tree.parent[at]!
  }
  return at
}

/** What a queue and those below it hold beyond their own quotas. Never negative. */
export function borrowedBy(
  tree: QuotaTree, used: Int32Array, queue: number, resource: Resource): number {
  const { subtree } = tree[resource]
  return subtree[queue] === Infinity ? 0 : Math.max(0, used[queue]! - subtree[queue]!)
}

/** Adds to what a queue holds, and to every queue above it what that borrows or lends. */
export function chargeQuota(
  tree: QuotaTree, used: Int32Array, queue: number, resource: Resource, amount: number): void {
  const { guaranteed } = resource === 'gpus' ? tree.gpus : tree.cores
  let by = amount
  for (let at = queue; at >= 0 && by !== 0; at = tree.parent[at]!) {
    const before = used[at]!
    const after = before + by
    used[at] = after
    by = Math.max(0, after - guaranteed[at]!) - Math.max(0, before - guaranteed[at]!)
  }
}

/** The column of a resource: what each queue holds, with what its children have of it. */
export function usedOf(state: State, resource: Resource): Int32Array {
  const { queues } = state.tables
  return resource === 'gpus' ? queues.usedGpus : queues.usedCores
}

/** Whether a queue lies at or below another. */
export function isBelow(tree: QuotaTree, queue: number, above: number): boolean {
  let at = queue
  while (at >= 0 && at !== above) at = tree.parent[at]!
  return at === above
}

/** The queue at the top of a queue's tree. */
export function rootOf(tree: QuotaTree, queue: number): number {
  let at = queue
  while (tree.parent[at]! >= 0) at = tree.parent[at]!
  return at
}

function limitsOf(queues: readonly Queue[], resource: Resource): Limits {
  const subtree = Float64Array.from(queues, (queue) => queue.quota[resource].own)
  const guaranteed = new Float64Array(queues.length)
  const borrow = Float64Array.from(queues, (queue) => queue.quota[resource].borrow)
  for (const queue of fromTheLeaves(queues)) {
    const { lend } = queues[queue]!.quota[resource]
    const all = subtree[queue]!
    guaranteed[queue] = all === Infinity ? 0 : Math.max(0, all - lend)
    const { parent } = queues[queue]!
    if (parent >= 0) subtree[parent] = subtree[parent]! + all - guaranteed[queue]!
  }
  return { subtree, guaranteed, borrow }
}

/** Queues so that each comes after all below it; parents may stand anywhere in the file. */
function fromTheLeaves(queues: readonly Queue[]): number[] {
  const depth = queues.map((queue) => {
    let levels = 0
    for (let at = queue.parent; at >= 0; at = queues[at]!.parent) levels++
    return levels
  })
  return [...queues.keys()].sort((a, b) => depth[b]! - depth[a]! || a - b)
}
