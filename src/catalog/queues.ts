import type { Queue, Quota } from '../model/queue.ts'
import type { FactoryDocument } from '../model/schema.ts'
import { fromHours } from '../base/units.ts'
import type { CatalogueSystem } from './catalogue.ts'
import type { Group } from './groups.ts'
import { didYouMean, listed, problem, quantityOf } from './problem.ts'
import type { Problem } from './problem.ts'

export type Pools = {
  readonly pools: readonly { readonly name: string; readonly system: CatalogueSystem }[]
  readonly poolOf: ReadonlyMap<Group, number>
  readonly queues: readonly Queue[]
}

/**
 * Pools are the distinct (system, queues that may use it) in file order. A rack group that names
 * queues is theirs alone; all others are shared by the queues that own no racks, and by those that
 * say `shared: true`. A queue prefers what it owns, then what is shared, each in file order.
 */
export function resolveQueues(
  document: FactoryDocument, groups: readonly Group[], problems: Problem[],
): Pools {
  const written = document.queues ?? [{ name: 'default' }]
  const names = written.map((queue) => queue.name)
  names.forEach((name, at) => {
    if (names.indexOf(name) === at) return
    problems.push(problem(['queues', at, 'name'],
      `there is a queue "${name}" already; another name would do`))
  })
  const before = problems.length
  for (const group of groups) checkOwners(group, names, problems)
  const isOwned = problems.length === before
  const { pools, poolOf } = collectPools(groups, names)
  const owning = new Set(groups.flatMap((group) => group.owners ?? []))
  checkParents(written, problems)
  const isLimited = limitedTrees(written)
  const queues = written.map((queue, at) => {
    const isShared = queue.shared ?? !owning.has(queue.name)
    const own = pools.flatMap((pool, index) => pool.owners?.includes(queue.name) ? [index] : [])
    const shared = pools.flatMap((pool, index) => pool.owners === undefined ? [index] : [])
    const usable = isShared ? [...own, ...shared] : own
    if (usable.length === 0 && isOwned) {
      problems.push(problem(document.queues === undefined ? [] : ['queues', at],
        `no racks serve the queue "${queue.name}"; `
        + 'leave some racks without queues, or name it in the queues of a rack group'))
    }
    return {
      name: queue.name,
      pools: usable,
      parent: queue.parent === undefined ? -1 : names.indexOf(queue.parent),
      quota: {
        gpus: quotaOf(queue, isLimited('gpus', at)),
        cores: quotaOf(queue.cores ?? {}, isLimited('cores', at)),
      },
      weight: queue.weight ?? 1,
      leastRunMs: queue.minRunTime === undefined ? 0 : quantityOf(queue.minRunTime, 'duration'),
      defaultLimitMs: queue.defaultLimit === undefined
        ? DEFAULT_LIMIT_MS
        : quantityOf(queue.defaultLimit, 'duration'),
      priority: queue.priority ?? 0,
    }
  })
  checkServed(groups, poolOf, queues, problems)
  return { pools, poolOf, queues }
}

type WrittenQueue = NonNullable<FactoryDocument['queues']>[number]
type WrittenQuota = {
  readonly quota?: number | undefined
  readonly borrow?: number | undefined
  readonly lend?: number | undefined
}

/** A queue without quota owns nothing where its tree has quotas: it lives on what others lend. */
function quotaOf({ quota, borrow, lend }: WrittenQuota, isLimited: boolean): Quota {
  return {
    own: quota ?? (isLimited ? 0 : Infinity), borrow: borrow ?? Infinity, lend: lend ?? Infinity,
  }
}

/** Whether any queue of a queue's tree has a quota of GPUs, or of cores. */
function limitedTrees(queues: readonly WrittenQueue[]) {
  const rootOf = (at: number) => {
    const above = parentsOf(queues, at)
    return above.at(-1) ?? at
  }
  const roots = { gpus: new Set<number>(), cores: new Set<number>() }
  queues.forEach((queue, at) => {
    if (queue.quota !== undefined) roots.gpus.add(rootOf(at))
    if (queue.cores?.quota !== undefined) roots.cores.add(rootOf(at))
  })
  return (resource: 'gpus' | 'cores', at: number) => roots[resource].has(rootOf(at))
}

/** The queues above one, nearest first; stops where they go round in a circle. */
function parentsOf(queues: readonly WrittenQueue[], at: number): number[] {
  const above: number[] = []
  let { parent } = queues[at]!
  while (parent !== undefined && above.length < queues.length) {
    const next = queues.findIndex((queue) => queue.name === parent)
    if (next < 0) break
    above.push(next)
    parent = queues[next]!.parent
  }
  return above
}

function checkParents(queues: readonly WrittenQueue[], problems: Problem[]): void {
  const names = queues.map((queue) => queue.name)
  queues.forEach((queue, at) => {
    if (queue.parent === undefined) return
    const path = ['queues', at, 'parent']
    if (!names.includes(queue.parent)) {
      problems.push(problem(path, `there is no queue "${queue.parent}"; the file has `
        + `${listed(names)}${didYouMean(queue.parent, names)}`))
    } else if (parentsOf(queues, at).includes(at)) {
      problems.push(problem(path, `"${queue.name}" would be above itself; a queue on top of the `
        + 'tree has no parent'))
    }
  })
}

type Pool = Pools['pools'][number] & { readonly owners: readonly string[] | undefined }

function collectPools(
  groups: readonly Group[], names: readonly string[],
): { pools: Pool[]; poolOf: Map<Group, number> } {
  const pools: Pool[] = []
  const poolOf = new Map<Group, number>()
  for (const group of groups) {
    const owners = group.owners === undefined
      ? undefined
      : names.filter((name) => group.owners!.includes(name))
    const name = owners === undefined
      ? group.system.name
      : `${group.system.name}@${owners.join('+')}`
    let pool = pools.findIndex((known) => known.name === name)
    if (pool < 0) pool = pools.push({ name, system: group.system, owners }) - 1
    poolOf.set(group, pool)
  }
  return { pools, poolOf }
}

function checkOwners(group: Group, names: readonly string[], problems: Problem[]): void {
  group.owners?.forEach((owner, at) => {
    if (names.includes(owner)) return
    problems.push(problem([...group.path, 'queues', at], `there is no queue "${owner}"; `
      + `the file has ${listed(names)}${didYouMean(owner, names)}`))
  })
}

/** Racks that no queue may use are a slip: nothing could ever run there. */
function checkServed(
  groups: readonly Group[], poolOf: ReadonlyMap<Group, number>, queues: readonly Queue[],
  problems: Problem[],
): void {
  const served = new Set(queues.flatMap((queue) => queue.pools))
  for (const group of groups) {
    if (served.has(poolOf.get(group)!) || group.owners !== undefined) continue
    problems.push(problem(group.path, 'no queue may use these shared racks; '
      + 'name their queues here, or give a queue shared: true'))
  }
}

/** Expected run of a job that declares none: a guess, so that backfill is careful with it. */
const DEFAULT_LIMIT_MS = fromHours(24)
