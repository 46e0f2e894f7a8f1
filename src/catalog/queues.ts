import type { Queue } from '../model/queue.ts'
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
      quotaGpus: queue.quota ?? Infinity,
      defaultLimitMs: queue.defaultLimit === undefined
        ? DEFAULT_LIMIT_MS
        : quantityOf(queue.defaultLimit, 'duration'),
      priority: queue.priority ?? 0,
    }
  })
  checkServed(groups, poolOf, queues, problems)
  return { pools, poolOf, queues }
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
