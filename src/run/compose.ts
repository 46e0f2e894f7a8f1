import { createState, hashState, type State } from '../core/state.ts'
import { Twin } from '../engines/twin/twin.ts'
import { catalogueOf, FORMAT } from '../journal/header.ts'
import { JournalWriter } from '../journal/writer.ts'
import type { Plant } from '../model/index.ts'
import { policiesOf } from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'
import { inTime } from './intents.ts'
import { loopSteps, type Source, type Watcher } from './loop.ts'
import { PlannedLimits } from './planned-limits.ts'
import { PowerRecord } from './power-record.ts'
import { limitOf, Recorder, type JobRow } from './record.ts'
import type { Scenario } from './scenario.ts'
import type { RunSeries, Summary, TraceSummary } from './summary.ts'
import { Supplies } from './supplies.ts'
import { VERSION } from './version.ts'
import { fromMicroseconds, meanPower, toMegawattHours } from '../base/units.ts'

export type TwinOptions = {
  readonly plant: Plant
  /** The checked factory document, for the journal's header. */
  readonly document: unknown
  readonly source: Source
  readonly traces: readonly TraceSummary[]
  readonly policies: PolicyNames
  readonly scenario?: Scenario
  readonly seed: number
  /** Infinity: until the last job is done. */
  readonly untilMs: number
  readonly journalPath?: string
  readonly checkEvery: number
  readonly onJob?: (row: JobRow) => void
}

export type TwinResult = {
  readonly summary: Summary
  readonly series: RunSeries
  readonly problems: readonly string[]
  readonly firstRefusal: string
  readonly state: State
}

/** Runs a twin to its end. */
export function runTwin(options: TwinOptions): TwinResult {
  const steps = twinSteps(options)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/**
 * Puts the parts of a twin together, runs it, and sums up. Yields the state every few
 * milliseconds: whoever stops there calls `return`, which closes the journal without an end.
 */
export function* twinSteps(options: TwinOptions): Generator<State, TwinResult> {
  const { plant, seed } = options
  const state = createState(plant, (options.policies.power ?? 'none') !== 'none')
  const { scenario } = options
  const twin = new Twin(state, seed, scenario ?? {})
  const power = new PowerRecord(state, twin, scenario)
  const supplies = new Supplies(state, twin, { scenario })
  const recorder = new Recorder(state, twin, options.onJob, power)
  const journal = new JournalWriter(options.journalPath, {
    format: FORMAT, version: VERSION, factory: options.document,
    catalogue: catalogueOf(plant), seed, policies: options.policies,
  })
  const problems: string[] = []
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  const { policies, rankOf } = policiesOf(options.policies)
  try {
    const steps = loopSteps({
      state, twin, source: options.source, policies, rankOf, journal, round,
      recorder: all(recorder, power, supplies),
      intents: inTime(new PlannedLimits(plant.limits), power, supplies),
      downtimes: scenario?.downtimes ?? [],
      checkEvery: options.checkEvery,
      onBroken: (found) => { problems.push(...found.slice(0, 100)) },
    }, options.untilMs)
    while (steps.next().done !== true) yield state
    if (round.refused > 0) problems.push(`the guard refused ${round.refused}: ${round.lastProblem}`)
    problems.push(...supplies.problems())
    const stateHash = hashState(state)
    const journalHash = journal.close(stateHash, state.totals.events)
    const powered = power.summary()
    const supplied = supplies.summary()
    // Of the whole process, its start and the reading of files included.
    const { user, system } = process.cpuUsage()
    const summary: Summary = {
      ...sumUp(options, state, recorder, twin),
      ...powered,
      ...supplied,
      warnings: [...powered.warnings, ...supplied.warnings],
      eventCount: state.totals.events,
      decisions: round.decisions,
      invariantsBroken: problems.length,
      stateHash,
      journalHash,
      cpuMs: Math.round(fromMicroseconds(user + system)),
      wallMs: Math.round(performance.now()),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    }
    const { firstRefusal } = recorder
    const given = supplies.series()
    const series = { ...recorder.runSeries(), ...given === undefined ? {} : { supplies: given } }
    return { summary, series, problems, firstRefusal, state }
  } finally {
    journal.abandon()
  }
}

/** One watcher of all: power wants no more than events and turns. */
function all(recorder: Recorder, power: PowerRecord, supplies: Supplies): Watcher {
  return {
    before: (event) => {
      recorder.before(event)
      power.before(event)
      supplies.before(event)
    },
    refused: (job, name, refusal) => recorder.refused(job, name, refusal),
    turn: () => {
      recorder.turn()
      power.turn()
      supplies.turn()
    },
    finish: () => {
      recorder.finish()
      supplies.finish()
    },
  }
}

function sumUp(options: TwinOptions, state: State, recorder: Recorder, twin: Twin) {
  const { plant } = options
  const { nowMs } = state.totals
  const gpuHours = recorder.gpuHours()
  const peaks = recorder.peaks()
  const usage = recorder.usageOfQueues()
  const energyMWh = toMegawattHours(twin.meter.energyJ)
  const assignedMWh = usage.reduce(
    (sum, each) => each.parent === '' ? sum + each.energyMWh : sum, 0)
  return {
    factory: plant.name,
    gpus: plant.gpus,
    nodes: plant.nodes,
    seed: options.seed,
    policies: options.policies,
    traces: options.traces,
    jobs: recorder.counts(),
    gpuHours,
    utilizationRatio: gpuHours.capacity > 0 ? gpuHours.allocated / gpuHours.capacity : 0,
    goodputRatio: gpuHours.allocated > 0 ? gpuHours.useful / gpuHours.allocated : 0,
    workDelivered: {
      gpuHours: gpuHours.useful,
      ratio: gpuHours.allocated > 0 ? gpuHours.useful / gpuHours.allocated : 0,
    },
    ...recorder.spreads(),
    waitsBySize: recorder.waitsBySize(),
    makespanMs: recorder.lastEndAtMs,
    horizonMs: nowMs,
    energyMWh,
    unassignedMWh: energyMWh - assignedMWh,
    usage,
    peakDrawW: peaks.drawW,
    meanDrawW: nowMs > 0 ? meanPower(twin.meter.energyJ, nowMs) : 0,
    limitW: limitOf(state),
    peakGrantW: peaks.grantW,
    failures: twin.accounts.faults,
    failuresByClass: Object.fromEntries([...twin.accounts.faultsByClass].sort()),
    preemptions: recorder.jobs.preemptions,
    restarts: recorder.jobs.restarts,
    limitedBy: recorder.limitedBy(),
  }
}
