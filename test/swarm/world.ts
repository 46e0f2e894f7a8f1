/** A random small factory with its work, its people and its policies, all from one seed. */
import { randomStream, type RandomStream } from '../../src/base/random.ts'
import type { FailurePlan, Plant, TraceJob } from '../../src/model/index.ts'
import { BACKFILLS, CONSOLIDATES, ORDERS, PLACES, PREEMPTS } from '../../src/policies/index.ts'
import type { PolicyNames } from '../../src/policies/policy.ts'
import { drawFeatures, type Feature } from './features.ts'
import type { PowerWorld } from './power-world.ts'
import { between, chance, pick } from './random-choice.ts'
import { randomPlant } from './site.ts'

/** Every backfill, and those with a depth that small worlds exceed. */
const BACKFILL_NAMES = [...Object.keys(BACKFILLS), 'conservative:1', 'conservative:3']

export type World = {
  readonly seed: number
  readonly features: ReadonlySet<Feature>
  readonly plant: Plant
  readonly jobs: readonly TraceJob[]
  /** Sorted by time. */
  readonly wishes: readonly Wish[]
  readonly policies: PolicyNames
  /** When arrivals, wishes and the adversary have ended, and faults do no harm any more. */
  readonly quietAtMs: number
  /** How the twin fails: at first as the plant says, which is what the policies know. */
  readonly failures: FailurePlan
  readonly calm: () => void
  /** Limits over time and what else power does; see `anyWorld`. */
  readonly power?: PowerWorld
}

/** What a person will want then; whom it concerns is drawn from what there is at that time. */
export type Wish = {
  readonly atMs: number
  readonly type: 'cancel' | 'hold' | 'release' | 'drain' | 'resume' | 'reserve' | 'clear'
  /** 0 to 1: which of the jobs or nodes. */
  readonly where: number
  readonly size: number
}

export function randomWorld(seed: number): World {
  const random = randomStream(seed, 'world')
  const features = drawFeatures(random)
  const has = (feature: Feature) => features.has(feature)
  const { plant, failures, calm } = randomPlant(random, has)
  const quietAtMs = between(random, 1, 48) * 3_600_000
  const jobs = Array.from({ length: between(random, 1, 80) }, (_, at) =>
    randomJob(random, has, plant, at))
  const moments = momentsOf(random, jobs.length, quietAtMs, has('bursts'))
  return {
    seed, features, plant, failures, calm, quietAtMs,
    jobs: jobs.map((job, at) => ({ ...job, submitAtMs: moments[at]! })),
    wishes: has('intents') || has('windows')
      ? randomWishes(random, quietAtMs, has('windows')) : [],
    policies: {
      order: pick(random, Object.keys(ORDERS)),
      backfill: pick(random, BACKFILL_NAMES),
      place: pick(random, Object.keys(PLACES)),
      preempt: has('preemption') ? pick(random, Object.keys(PREEMPTS)) : 'none',
      consolidate: has('preemption') ? pick(random, Object.keys(CONSOLIDATES)) : 'none',
    },
  }
}

/** Times before `end`, sorted; with bursts, many are equal. */
function momentsOf(
  random: RandomStream, count: number, endMs: number, isBursty: boolean): number[] {
  const moments: number[] = []
  for (let at = 0; at < count; at++) {
    const isSame = isBursty && at > 0 && chance(random, 0.7)
    moments.push(isSame ? moments[at - 1]! : random.below(endMs))
  }
  return moments.sort((a, b) => a - b)
}

function randomJob(
  random: RandomStream, has: (feature: Feature) => boolean, plant: Plant, at: number): TraceJob {
  const system = pick(random, plant.systems)
  const workMs = pick(random, [1, 1000, 60_000, 3_600_000]) * between(random, 1, 5)
  const isKnown = chance(random, 0.7)
  const limitMs = has('wrong limits')
    ? pick(random, [0, 1, workMs, Math.ceil(workMs / 3), workMs * 3]) : isKnown ? workMs : 0
  const { gpus, nodes } = randomSize(random, has, system.gpus, plant.nodes)
  const isPart = gpus === 0 || gpus % Math.max(1, system.gpus) !== 0
  const cores = has('cores') && isPart && chance(random, 0.5)
  return {
    id: chance(random, 0.5) ? `job-${at}` : '',
    submitAtMs: 0,
    gpus,
    nodes,
    cpusPerNode: cores ? between(random, 1, system.cpus) : 0,
    memoryPerNodeGiB: cores ? between(random, 0, system.memoryGiB) : 0,
    limitMs,
    queue: has('queues') ? pick(random, plant.queues).name : '',
    device: has('device types') && chance(random, 0.4) ? pick(random, plant.devices) : '',
    level: has('levels') ? pick(random, ['', 'node', 'rack', 'row', 'hall']) : '',
    priority: has('priorities') ? between(random, -2, 2) : 0,
    ...extrasOf(random, has, nodes, gpus, at),
    speeds: has('speeds') && chance(random, 0.3) ? randomSpeeds(random, plant) : '',
    class: '',
    leastSpeed: 0,
    worth: 1,
    workload: has('checkpoints') ? pick(random, ['', 'training', 'batch']) : '',
    workMs,
    checkpointEveryMs: has('checkpoints') ? pick(random, [0, 1000, 60_000, 600_000]) : 0,
    checkpointStallMs: has('checkpoints') ? pick(random, [-1, 0, 700, 5000]) : -1,
    outcome: pick(random, ['completed', 'completed', 'completed', 'failed', 'cancelled'] as const),
  }
}

function extrasOf(
  random: RandomStream, has: (feature: Feature) => boolean, nodes: number, gpus: number, at: number,
) {
  const isElastic = has('elastic') && nodes > 1 && gpus > 0 && chance(random, 0.6)
  const isLate = has('dependencies') && at > 0 && chance(random, 0.3)
  const after = () => `${pick(random, ['afterok', 'afterany'])}:job-${random.below(at)}`
  return {
    leastNodes: isElastic ? between(random, 1, nodes) : 0,
    leastRunMs: has('least runs') && chance(random, 0.3) ? pick(random, [1, 1000, 600_000]) : 0,
    deadlineAtMs: has('deadlines') ? random.below(200_000_000) : 0,
    isHero: has('heroes') && chance(random, 0.1),
    array: has('arrays') && chance(random, 0.4) ? `array-${random.below(3)}` : '',
    after: !isLate ? '' : chance(random, 0.3) && at > 1 ? `${after()},${after()}` : after(),
  }
}

/** Speeds of some of the plant's device types. */
function randomSpeeds(random: RandomStream, plant: Plant): string {
  const named = plant.devices.filter(() => chance(random, 0.6))
  return named.map((name) => `${name}=${pick(random, [0.3, 1, 1.7, 4])}`).join(',')
}

function randomSize(
  random: RandomStream, has: (feature: Feature) => boolean, gpusPerNode: number, most: number) {
  if (gpusPerNode === 0 || (has('cpu jobs') && chance(random, 0.25))) {
    return { gpus: 0, nodes: between(random, 0, 3) }
  }
  const nodes = pick(random, [1, 1, 2, 3, between(random, 1, most)])
  if (has('explicit') && chance(random, 0.3)) {
    return { gpus: nodes * between(random, 1, gpusPerNode), nodes }
  }
  if (has('parts') && chance(random, 0.5)) {
    return { gpus: between(random, 1, gpusPerNode * Math.min(3, nodes)), nodes: 0 }
  }
  return { gpus: nodes * gpusPerNode, nodes: chance(random, 0.3) ? nodes : 0 }
}

function randomWishes(random: RandomStream, endMs: number, hasWindows: boolean): Wish[] {
  const count = between(random, 1, 60)
  const wishes = Array.from({ length: count }, () => ({
    atMs: random.below(endMs),
    type: hasWindows && chance(random, 0.4) ? pick(random, ['reserve', 'clear'] as const)
      : pick(random, ['cancel', 'hold', 'release', 'drain', 'resume'] as const),
    where: random.uniform(),
    size: between(random, 1, 6),
  }))
  return wishes.sort((a, b) => a.atMs - b.atMs)
}
