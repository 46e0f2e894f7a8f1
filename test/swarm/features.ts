/**
 * What a world may have. Each world first draws which features are on: a world with all of them
 * hides what a simple one shows (Groce and others, Swarm Testing, ISSTA 2012).
 */
import type { RandomStream } from '../../src/base/random.ts'
import { chance } from './random-choice.ts'

export const FEATURES = [
  'sites', 'mixed', 'cpu nodes', 'large racks', 'limits', 'ratios', 'base loads', 'queues',
  'quotas', 'priorities', 'faults', 'delays', 'parts', 'explicit', 'cpu jobs', 'device types',
  'levels', 'cores', 'wrong limits', 'bursts', 'checkpoints', 'intents', 'adversary',
  'queue tree', 'least runs', 'elastic', 'dependencies', 'arrays', 'windows', 'heroes', 'deadlines',
  'preemption', 'speeds',
] as const
export type Feature = (typeof FEATURES)[number]

export function drawFeatures(random: RandomStream): ReadonlySet<Feature> {
  const ratio = random.uniform()
  return new Set(FEATURES.filter(() => chance(random, ratio)))
}

/** What worlds with power in time may have besides, drawn for themselves. */
export const POWER_FEATURES = [
  'events', 'targets', 'notice', 'weather', 'curves', 'classes', 'promises', 'late caps',
  'lost answers', 'meters', 'true curves', 'noisy measures', 'downtimes', 'losses', 'sold over',
  'ramps',
] as const
export type PowerFeature = (typeof POWER_FEATURES)[number]

export function drawPowerFeatures(random: RandomStream): ReadonlySet<PowerFeature> {
  const ratio = random.uniform()
  return new Set(POWER_FEATURES.filter((feature) =>
    chance(random, feature === 'events' ? 0.9 : RARE.includes(feature) ? ratio / 2 : ratio)))
}

/** Where these are on, less can be demanded of draw. */
const RARE: readonly PowerFeature[] = ['lost answers', 'downtimes', 'sold over', 'weather']
