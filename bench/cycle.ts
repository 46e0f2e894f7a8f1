import { decide, isUnsettled, type Policy } from '../src/core/decide.ts'
import type { State } from '../src/core/state.ts'
import { fromHours } from '../src/base/units.ts'
import { median, quantile, type Figure, type Row } from './figure.ts'
import { runLive } from './live.ts'
import { EVERY_S, NODES } from './year.ts'

/** Gangs of 6.8 nodes that fill the factory, and those that wait behind them. */
const RUNNING = Math.round(NODES / 6.8)
const PENDING = 10_000
/** Ten days: rounds after the first are what is timed, some thousands of them. */
const UNTIL_MS = fromHours(240)
const REPEATS = 2000

/** Rounds of decisions with ten thousand gangs waiting, as long as it takes on the wall. */
export const cycle = figureOf('cycle-p99', 'easy', 'EASY', 20)
export const cycleConservative = figureOf(
  'cycle-p99-conservative', 'conservative', 'conservative with 100 reservations', 50)

function figureOf(name: string, backfill: string, words: string, mostMs: number): Figure {
  return {
    name,
    summary: `one round of decisions, 125,000 nodes, 10,000 pending gangs, ${words}; `
      + 'and none to take',
    run: () => measure(name, backfill, mostMs),
  }
}

function measure(name: string, backfill: string, mostMs: number): Row[] {
  const times: number[] = []
  const pending: number[] = []
  const watch = (policy: Policy): Policy => ({
    name: policy.name,
    *run(view) {
      const beforeMs = performance.now()
      yield* policy.run(view)
      times.push(performance.now() - beforeMs)
      pending.push(view.totals.pending)
    },
  })
  const { state, policies } = runLive({
    nodes: NODES, jobs: 1_000_000, loadNodes: NODES, loadRatio: 1, everyS: EVERY_S,
    atOnce: RUNNING + PENDING, backfill, isFailing: true, untilMs: UNTIL_MS, watch,
  })
  const first = times.shift()!
  pending.shift()
  return [{
    name, value: quantile(times, 0.99), unit: 'ms', goal: { most: mostMs }, isCpu: true,
    detail: {
      rounds: times.length, p50Ms: median(times), p90Ms: quantile(times, 0.9),
      mostMs: quantile(times, 1), firstMs: first,
      leastPending: quantile(pending, 0), medianPending: median(pending),
    },
  }, ...unchanged(name, state, policies)]
}

/** What a turn costs when nothing changed, and a round that is forced all the same. */
function unchanged(name: string, state: State, policies: readonly Policy[]): Row[] {
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  const commit = () => { throw new Error('an unchanged state leaves nothing to decide') }
  const force = () => decide(state, policies, commit, round)
  force()
  const turnMs: number[] = []
  const forcedMs: number[] = []
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    let beforeMs = performance.now()
    if (isUnsettled(state)) force()
    turnMs.push(performance.now() - beforeMs)
    beforeMs = performance.now()
    force()
    forcedMs.push(performance.now() - beforeMs)
  }
  return [{
    name: `${name}/unchanged`, value: quantile(turnMs, 0.99), unit: 'ms', goal: { most: 0.1 },
    isCpu: true,
    detail: {
      repeats: REPEATS, forcedP50Ms: median(forcedMs), forcedP99Ms: quantile(forcedMs, 0.99),
      pending: state.totals.pending,
    },
  }]
}
