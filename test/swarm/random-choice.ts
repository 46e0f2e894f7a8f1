/** Choices that a random world is made of. */
import type { RandomStream } from '../../src/base/random.ts'

/** A whole number from `least` to `most`, both included. */
export function between(random: RandomStream, least: number, most: number): number {
  return least + random.below(most - least + 1)
}

export function chance(random: RandomStream, ratio: number): boolean {
  return random.uniform() < ratio
}

export function pick<Item>(random: RandomStream, list: readonly Item[]): Item {
  return list[random.below(list.length)]!
}

/** At least one of a list, in its order. */
export function some<Item>(random: RandomStream, list: readonly Item[]): Item[] {
  const chosen = list.filter(() => chance(random, 0.5))
  return chosen.length > 0 ? chosen : [pick(random, list)]
}
