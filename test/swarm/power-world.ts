/** Lays power in time over a random world: a policy that caps, limits that come and go, losses. */
import { randomStream, type RandomStream } from '../../src/base/random.ts'
import type { Happening } from '../../src/engines/twin/happenings.ts'
import { RATIO_ONE, type Plant, type TraceJob } from '../../src/model/index.ts'
import { FEW_JOBS } from '../../src/policies/control-times.ts'
import { POWERS } from '../../src/policies/index.ts'
import type { Downtime } from '../../src/run/loop.ts'
import { drawPowerFeatures, type PowerFeature } from './features.ts'
import { poweredPlant } from './power-site.ts'
import { between, chance, pick } from './random-choice.ts'
import { randomWorld, type World } from './world.ts'

/** Share of the worlds that have power in time. */
const POWERED_RATIO = 0.7

/** Worlds with power have a turn for each reading of a meter, so they are shorter. */
const SHORTER = 1 / 6

export type PowerWorld = {
  readonly features: ReadonlySet<PowerFeature>
  readonly happenings: readonly Happening[]
  readonly downtimes: readonly Downtime[]
  readonly curveErrorRatio: number
  /** With more jobs placed few orders of caps count for more than what is best. */
  readonly fewJobs: number
  /** Sorted by time. */
  readonly wishes: readonly PowerWish[]
}

/** What is asked of power then; four numbers from 0 to 1 say the rest when the time comes. */
export type PowerWish =
  | { readonly atMs: number, readonly type: 'limit' | 'target' | 'clear',
      readonly shares: readonly number[] }
  | { readonly atMs: number, readonly type: 'ratio', readonly feeder: number
      readonly ratioPer10k: number }

/** A random world, most of them with power in time. */
export function anyWorld(seed: number): World {
  const world = randomWorld(seed)
  const random = randomStream(seed, 'power world')
  return chance(random, POWERED_RATIO) ? withPower(random, world) : world
}

function withPower(random: RandomStream, world: World): World {
  const features = drawPowerFeatures(random)
  const has = (feature: PowerFeature) => features.has(feature)
  const quietAtMs = Math.ceil(world.quietAtMs * SHORTER)
  const plant = poweredPlant(random, has, world.plant)
  const soon = <Item extends TraceJob>(job: Item) =>
    ({ ...job, submitAtMs: Math.floor(job.submitAtMs * SHORTER) })
  const weather = has('weather') ? randomWeather(random, plant, quietAtMs) : []
  const wishes = [
    ...has('events') || has('targets') ? randomWishes(random, has, quietAtMs) : [],
    ...weather.map(({ feeder, ratioPer10k, atMs }): PowerWish => ({
      // It is known a while later, and not after all is quiet.
      atMs: Math.min(quietAtMs, atMs + pick(random, [0, 0, 1000, 60_000])), type: 'ratio', feeder,
      ratioPer10k,
    })),
  ]
  return {
    ...world, plant, quietAtMs,
    jobs: world.jobs.map((job) => promised(random, has, plant, soon(job))),
    wishes: world.wishes.map((wish) => ({ ...wish, atMs: Math.floor(wish.atMs * SHORTER) })),
    // Without a policy limits come and go as well.
    policies: { ...world.policies, power: pick(random, [...Object.keys(POWERS), 'price']) },
    power: {
      features,
      // From a stream of its own: the worlds that are known by their seeds stay as they are.
      fewJobs: chance(randomStream(world.seed, 'few jobs'), 0.4) ? FEW_JOBS : 0,
      happenings: [
        ...weather, ...has('losses') ? randomLosses(random, plant, quietAtMs) : [],
        ...has('meters') ? randomSilences(random, plant, quietAtMs) : [],
      ],
      downtimes: has('downtimes') ? randomDowntimes(random, quietAtMs) : [],
      curveErrorRatio: has('true curves') ? pick(random, [0.02, 0.1, 0.4]) : 0,
      wishes: wishes.sort((a, b) => a.atMs - b.atMs),
    },
  }
}

function promised(
  random: RandomStream, has: (feature: PowerFeature) => boolean, plant: Plant, job: TraceJob,
): TraceJob {
  return {
    ...job,
    class: chance(random, 0.8) ? pick(random, plant.curves.classes) : '',
    leastSpeed: has('promises') && chance(random, 0.4)
      ? pick(random, [0.01, 0.3, 0.7, 0.95, 1]) : 0,
    worth: pick(random, [1, 1, 1, 0.2, 3, 10]),
  }
}

function randomWishes(
  random: RandomStream, has: (feature: PowerFeature) => boolean, endMs: number): PowerWish[] {
  return Array.from({ length: between(random, 1, 25) }, () => ({
    atMs: random.below(endMs),
    type: chance(random, 0.15) ? 'clear'
      : has('targets') && (chance(random, 0.4) || !has('events')) ? 'target' : 'limit',
    shares: Array.from({ length: 6 }, (_, at) =>
      at === 3 && !has('notice') ? 0 : random.uniform()),
  } as const))
}

type Weather = Extract<Happening, { type: 'ratio' }>

/** Ratios of feeders that go up and down, and are the plant's when all is quiet. */
function randomWeather(
  random: RandomStream, { feeders }: Plant, endMs: number): Weather[] {
  const found: Weather[] = []
  for (let left = between(random, 1, 3); left > 0; left--) {
    const feeder = random.below(feeders.length)
    const { ratioPer10k: plainRatio } = feeders[feeder]!
    if (feeders[feeder]!.parent < 0 || found.some((each) => each.feeder === feeder)) continue
    const turns = Array.from({ length: between(random, 1, 3) }, () => random.below(endMs))
    for (const atMs of turns.sort((a, b) => a - b)) {
      const ratioPer10k = chance(random, 0.3) ? plainRatio
        : RATIO_ONE + between(random, 0, 6000)
      found.push({ type: 'ratio', atMs, feeder, ratioPer10k })
    }
    found.push({ type: 'ratio', atMs: endMs, feeder, ratioPer10k: plainRatio })
  }
  return found.sort((a, b) => a.atMs - b.atMs)
}

function randomLosses(random: RandomStream, plant: Plant, endMs: number): Happening[] {
  return Array.from({ length: between(random, 1, 6) }, (): Happening => {
    const atMs = random.below(endMs)
    const forMs = pick(random, [1, 60_000, 1_800_000, 7_200_000])
    return chance(random, 0.7)
      ? { type: 'node.lost', atMs, node: random.below(plant.nodes), forMs }
      : { type: 'feeder.lost', atMs, feeder: random.below(plant.feeders.length), forMs }
  })
}

function randomSilences(random: RandomStream, plant: Plant, endMs: number): Happening[] {
  return Array.from({ length: between(random, 0, 4) }, (): Happening => {
    const atMs = random.below(endMs)
    return {
      type: 'meter.silent', atMs, feeder: random.below(plant.feeders.length),
      untilMs: between(random, atMs, endMs),
    }
  })
}

/** Times in which the controller is gone, apart from one another. */
function randomDowntimes(random: RandomStream, endMs: number): Downtime[] {
  const edges = Array.from({ length: 2 * between(random, 1, 2) }, () => random.below(endMs))
  const sorted = [...new Set(edges)].sort((a, b) => a - b)
  const found: Downtime[] = []
  for (let at = 0; at + 1 < sorted.length; at += 2) {
    // An end that is a start as well would be two times in one.
    const endAtMs = Math.min(sorted[at + 1]!, sorted[at]! + pick(random, [1000, 600_000, 7e6]))
    found.push({ startAtMs: sorted[at]!, endAtMs })
  }
  return found
}
