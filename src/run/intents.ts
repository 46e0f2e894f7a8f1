import type { Intents } from './loop.ts'

/** What several ask, in the order of time; at one moment, the first named goes first. */
export function inTime(...sources: readonly Intents[]): Intents {
  const peekAtMs = () =>
    sources.reduce((least, each) => Math.min(least, each.peekAtMs()), Infinity)
  return {
    peekAtMs,
    next: () => {
      const atMs = peekAtMs()
      return sources.find((each) => each.peekAtMs() === atMs)!.next()
    },
    isOpen: () => sources.some((each) => each.isOpen?.() ?? each.peekAtMs() < Infinity),
  }
}
