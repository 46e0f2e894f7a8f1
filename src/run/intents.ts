import type { Intents } from './loop.ts'

/** What several ask, in the order of time; at one moment, the first named goes first. */
export function inTime(...sources: readonly Intents[]): Intents {
  // Asked at each turn: a plain loop.
  const peekAtMs = () => {
    let least = Infinity
    for (let at = 0; at < sources.length; at++) least = Math.min(least, sources[at]!.peekAtMs())
    return least
  }
  return {
    peekAtMs,
    next: () => {
      const atMs = peekAtMs()
      return sources.find((each) => each.peekAtMs() === atMs)!.next()
    },
    isOpen: () => sources.some((each) => each.isOpen?.() ?? each.peekAtMs() < Infinity),
  }
}
