import type { State } from '../core/state.ts'
import { lookAhead, type AheadOptions } from './ahead.ts'

/** When waiting jobs may start, in columns: a queue may hold many. */
export type StartsAhead = {
  readonly atMs: number
  readonly untilMs: number
  readonly futures: number
  readonly numbers: readonly number[]
  /** The earliest, the middle and the latest start of the futures; Infinity: not in that time. */
  readonly leastAtMs: readonly number[]
  readonly middleAtMs: readonly number[]
  readonly mostAtMs: readonly number[]
}

export type StartsOptions = Omit<AheadOptions, 'seed' | 'untilJob' | 'arrivals' | 'steps'> & {
  readonly futures: number
}

/** Nobody reads more, and a queue may hold a million. */
const JOBS_MOST = 10_000

/**
 * Runs a state ahead in several futures and says of the waiting jobs when they start, the oldest
 * first. The state is untouched; nothing more comes. Costs a look ahead for each future.
 */
export function startsAhead(state: State, options: StartsOptions): StartsAhead {
  const starts = new Map<number, number[]>()
  let spare: State | undefined
  for (let at = 0; at < options.futures; at++) {
    const ahead = lookAhead(state, { ...options, seed: at + 1 }, spare)
    spare = ahead.state
    for (const { number, isWaiting, startAtMs } of ahead.jobs) {
      if (!isWaiting) continue
      const known = starts.get(number)
      const atMs = startAtMs < 0 ? Infinity : startAtMs
      if (known === undefined) starts.set(number, [atMs])
      else known.push(atMs)
    }
  }
  const found = [...starts].sort(([a], [b]) => a - b).slice(0, JOBS_MOST)
    .map(([number, atMs]) => ({ number, atMs: atMs.sort((a, b) => a - b) }))
  return {
    atMs: state.totals.nowMs, untilMs: options.untilMs, futures: options.futures,
    numbers: found.map(({ number }) => number),
    leastAtMs: found.map(({ atMs }) => atMs[0]!),
    middleAtMs: found.map(({ atMs }) => atMs[Math.floor((atMs.length - 1) / 2)]!),
    mostAtMs: found.map(({ atMs }) => atMs.at(-1)!),
  }
}
