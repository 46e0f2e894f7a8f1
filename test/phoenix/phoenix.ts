import { columnsOf, optionsOf } from '../../src/core/allocate-input.ts'
import { jobName, createState, type State } from '../../src/core/state.ts'
import { Twin } from '../../src/engines/twin/twin.ts'
import { PHASE } from '../../src/model/index.ts'
import { policiesOf } from '../../src/policies/index.ts'
import { readFactory } from '../../src/run/factory-file.ts'
import { runLoop } from '../../src/run/loop.ts'
import { PowerRecord } from '../../src/run/power-record.ts'
import { compileScenario } from '../../src/run/scenario.ts'
import type { EventSummary } from '../../src/run/summary.ts'
import type { ScenarioDocument } from '../../src/model/schema-scenario.ts'
import { readTrace } from '../../src/traces/read.ts'
import { Arrivals, nameOf, UNSCALED } from '../../src/traces/scale.ts'
import type { Oracle } from '../power/oracle.ts'

/** The event of Phoenix on the twin, with what is truly drawn and done at every turn. */

export const BASELINE_MS = 7_200_000
const HOLD_MS = 3 * 3_600_000
const CURTAIL = {
  at: '2h', notice: '90m', for: '3h', target: '25 %', rampIn: '15m', rampOut: '3 %/min',
}

export type Phoenix = {
  readonly event: EventSummary
  /** Mean throughput of all GPUs in the hold, against that without caps: jobs as they truly are. */
  readonly throughput: number
  /** The most that the curves allow at the draw that was held, by HiGHS. */
  readonly best: number
  /** Jobs that did less over their life than they were promised. */
  readonly broken: readonly string[]
  /** Longest time in a row in which more was missing than the hold allows, ms. */
  readonly dipMs: number
  readonly problems: readonly string[]
  /** True draw from each time on. */
  readonly draws: readonly { readonly atMs: number, readonly watts: number }[]
}

/** Runs the example with more events beside the curtailment, or other curves than are believed. */
export async function runPhoenix(
  oracle: Oracle, seed: number, curveError: number, more: ScenarioDocument['events'] = [],
  policy = 'price'): Promise<Phoenix> {
  const { plant } = readFactory('examples/phoenix/factory.yaml')
  const scenario = compileScenario(
    { curveError, events: [{ curtail: CURTAIL }, ...more] }, plant)
  const state = createState(plant, true)
  const twin = new Twin(state, seed, scenario)
  const power = new PowerRecord(state, twin, scenario)
  const { policies, rankOf } = policiesOf(
    { order: 'fifo', backfill: 'none', place: 'pack', power: policy })
  const trace = await readTrace('csv', 'examples/phoenix/jobs.csv', ['default'])
  const arrivals = new Arrivals([{ trace, scale: UNSCALED }], seed)
  const watch = new Watch(state, twin)
  const problems: string[] = []
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  runLoop({
    state, twin, policies, rankOf, round,
    source: {
      peekAtMs: () => arrivals.peekAtMs(),
      next: () => {
        const { job, copy } = arrivals.next()
        return { job, name: nameOf(job, copy) }
      },
    },
    intents: power, downtimes: scenario.downtimes, checkEvery: 500,
    journal: { append: () => undefined, turn: () => undefined },
    recorder: {
      before: (event) => { if (event.type === 'job.ended') watch.ended(event.job) },
      refused: () => undefined, finish: () => undefined,
      turn: () => { power.turn(); watch.turn() },
    },
    onBroken: (found) => { problems.push(...found) },
  }, Infinity, () => undefined)
  if (round.refused > 0) problems.push(`the guard refused ${round.refused}: ${round.lastProblem}`)
  const event = power.summary().events![0]!
  const lostMs = watch.lostAtEnd - watch.lostAtHold
  return {
    event,
    throughput: 1 - lostMs / (plant.gpus * HOLD_MS),
    best: bestAt(oracle, watch.held, event.held!.watts),
    broken: watch.broken,
    dipMs: longestBelowMs(watch.draws, event.asked.watts * 0.97),
    problems,
    draws: watch.draws,
  }
}

/** What is so at every turn. */
class Watch {
  readonly draws: { atMs: number, watts: number }[] = []
  readonly broken: string[] = []
  lostAtHold = 0
  lostAtEnd = 0
  /** The jobs as they ran when the hold began: the state then. */
  held: HeldJob[] = []
  private readonly state: State
  private readonly twin: Twin

  constructor(state: State, twin: Twin) {
    this.state = state
    this.twin = twin
  }

  turn(): void {
    const { nowMs } = this.state.totals
    const watts = this.twin.power.feeders!.meanW[0]!
    if (watts !== this.draws.at(-1)?.watts) this.draws.push({ atMs: nowMs, watts })
    if (this.held.length === 0 && nowMs >= BASELINE_MS) {
      this.held = heldJobs(this.state)
      this.lostAtHold = this.twin.accounts.lostBy(nowMs)
    }
    if (this.lostAtEnd === 0 && nowMs >= BASELINE_MS + HOLD_MS) {
      this.lostAtEnd = this.twin.accounts.lostBy(nowMs)
    }
  }

  ended(job: number): void {
    const { jobs } = this.state.tables
    const workMs = 7 * 3_600_000
    const speed = workMs / (this.state.totals.nowMs - jobs.startAtMs[job]!)
    if (jobs.starts[job] === 1 && speed < jobs.leastSpeed[job]!) {
      this.broken.push(`${jobName(this.state, job)} did ${speed} of its throughput`)
    }
  }
}

type HeldJob = { readonly gpus: number, readonly curve: number, readonly leastSpeed: number }

function heldJobs(state: State): HeldJob[] {
  const { jobs } = state.tables
  const found: HeldJob[] = []
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting) continue
    found.push({
      gpus: jobs.heldGpus[job]!, curve: jobs.curve[job]!, leastSpeed: jobs.leastSpeed[job]!,
    })
  }
  return found
}

/** Most throughput of the jobs, each at least what it was promised, at so many watts in all. */
function bestAt(oracle: Oracle, jobs: readonly HeldJob[], watts: number): number {
  const { plant } = readFactory('examples/phoenix/factory.yaml')
  const { deviceIdleW } = plant.systems[0]!
  const columns = columnsOf(jobs.map(({ gpus, curve: kind, leastSpeed }) => ({
    options: optionsOf(plant.curves.byClass[kind]![0]!,
      { idleW: deviceIdleW, weight: 1, devices: gpus, leastSpeed }),
    feeders: [0], devices: [gpus], priority: 0,
  })))
  const tree = {
    parent: Int32Array.of(-1), ratioPer10k: Int32Array.of(10_000),
    baseW: Float64Array.of(plant.nodes * plant.systems[0]!.nodeIdleW),
    limitW: Float64Array.of(Infinity), targetW: Float64Array.of(watts),
  }
  return oracle.best({ tree, jobs: columns }) / plant.gpus
}

/** Longest time in a row of the hold in which less was drawn, ms. */
function longestBelowMs(draws: Phoenix['draws'], watts: number): number {
  let longestMs = 0
  let sinceMs = -1
  const end = BASELINE_MS + HOLD_MS
  for (const { atMs, watts: drawW } of [...draws, { atMs: end, watts: Infinity }]) {
    const at = Math.min(end, Math.max(BASELINE_MS, atMs))
    if (sinceMs >= 0 && drawW >= watts) {
      longestMs = Math.max(longestMs, at - sinceMs)
      sinceMs = -1
    } else if (sinceMs < 0 && drawW < watts) sinceMs = at
  }
  return longestMs
}
