/**
 * What the watts of a state must be, worked out anew from the jobs and their spans with plain
 * loops: charges of caps, ledgers from the racks up, limits that hold, orders that are open. It
 * shares no code with what keeps them in step, but for curves and what is believed of jobs.
 */
import { PHASE, RATIO_ONE } from '../../src/model/index.ts'
import type { State } from '../../src/core/state.ts'
import { nodesOfJob, systemOfNode } from './oracle.ts'

const TARGET = 2

export function powerProblems(state: State): string[] {
  const problems = [...limitProblems(state), ...jobProblems(state)]
  const { jobs, feeders } = state.tables
  const isPowered = state.totals.isPowered === 1
  const { plant } = state.layout
  const baseW = plant.feeders.map((feeder) => feeder.baseW)
  const ledgers = [
    { name: 'grantW', have: feeders.grantW, sum: sumUp(state, baseW, (job) => jobs.chargeW[job]!) },
    ...isPowered ? [
      { name: 'floorW', have: feeders.floorW,
        sum: sumUp(state, baseW, (job) => jobs.floorW[job]!) },
      { name: 'drawW', have: feeders.drawW,
        sum: sumUp(state, state.layout.drawBaseW, (job) => jobs.drawW[job]!) },
    ] : [],
  ]
  for (const { name, have, sum } of ledgers) {
    sum.forEach((watts, at) => {
      if (watts === have[at]) return
      problems.push(`I5 feeder ${at} has ${name} ${have[at]}, sums to ${watts}`)
    })
  }
  return problems
}

/** Watts at each feeder, from its base loads and so many watts for each device of a job. */
export function sumUp(
  state: State, baseW: ArrayLike<number>, perDeviceW: (job: number) => number): number[] {
  const { plant } = state.layout
  const sum = Array.from(baseW)
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (state.tables.jobs.phase[job]! < PHASE.starting) continue
    if (state.tables.jobs.gpus[job] === 0) continue
    for (const { node, mask } of nodesOfJob(state, job)) {
      const { rack, system } = systemOfNode(state, node)
      let devices = mask === 0 ? system.gpus : 0
      for (let bit = 0; bit < 32; bit++) if ((mask >>> bit & 1) === 1) devices++
      sum[rack.feeder]! += devices * perDeviceW(job)
    }
  }
  for (let at = sum.length - 1; at >= 0; at--) {
    const { parent } = plant.feeders[at]!
    if (parent >= 0) sum[parent]! += atParent(state.tables.feeders.ratioPer10k[at]!, sum[at]!)
  }
  return sum
}

function atParent(ratioPer10k: number, watts: number): number {
  return ratioPer10k === RATIO_ONE ? watts : Math.ceil(watts * ratioPer10k / RATIO_ONE)
}

/** What holds now is the least of all rows that hold, and of the plant's own. */
function limitProblems(state: State): string[] {
  const { limits, feeders } = state.tables
  const { nowMs } = state.totals
  const least = state.layout.plant.feeders.map((feeder) => feeder.limitW)
  let live = 0
  let targets = 0
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.endAtMs[row]! <= nowMs) continue
    live++
    if (limits.kind[row] === TARGET) {
      targets++
    } else if (limits.startAtMs[row]! <= nowMs) {
      const feeder = limits.feeder[row]!
      least[feeder] = Math.min(least[feeder]!, limits.watts[row]!)
    }
  }
  const problems = least.flatMap((watts, at) => watts === feeders.limitW[at] ? []
    : [`feeder ${at} has a limit of ${feeders.limitW[at]} W, should have ${watts} W`])
  if (live !== state.totals.limits || targets !== state.totals.targets) {
    problems.push(`${live} limits and ${targets} targets are counted as ${state.totals.limits} `
      + `and ${state.totals.targets}`)
  }
  return problems
}

/** Each placed job is charged what its cap says, keeps its promise, and is paused where it says. */
function jobProblems(state: State): string[] {
  const { jobs } = state.tables
  const problems: string[] = []
  let open = 0
  for (let job = 0; job < state.totals.jobRows; job++) {
    const phase = jobs.phase[job]!
    if (phase === PHASE.free) continue
    if (jobs.capAtMs[job] !== 0) open++
    if (phase < PHASE.starting) {
      if (jobs.capAtMs[job] !== 0) problems.push(`I8 job ${jobs.number[job]} waits for a cap`)
      continue
    }
    if (jobs.gpus[job] === 0) continue
    for (const problem of placedProblems(state, job)) {
      problems.push(`job ${jobs.number[job]} ${problem}`)
    }
  }
  if (open !== state.totals.openCaps) {
    problems.push(`I8 ${open} caps are open, counted ${state.totals.openCaps}`)
  }
  return problems
}

function placedProblems(state: State, job: number): string[] {
  const { jobs } = state.tables
  const [placed] = nodesOfJob(state, job)
  const { system } = systemOfNode(state, placed!.node)
  const { deviceIdleW, deviceRatedW, device } = system
  const capW = jobs.capW[job]!
  const orderedW = jobs.orderedW[job]!
  const chargeOf = (watts: number) => watts > 0 ? watts - deviceIdleW
    : Math.max(0, Math.ceil(state.layout.plant.curves.pausedW[device]!) - deviceIdleW)
  const found: string[] = []
  if (jobs.chargeW[job] !== chargeOf(capW)) {
    found.push(`is charged ${jobs.chargeW[job]} W a device under ${capW} W`)
  }
  if (chargeOf(orderedW) > chargeOf(capW)) found.push(`is charged less than ${orderedW} W`)
  if (jobs.capAtMs[job] === 0 && orderedW !== capW) found.push(`is ordered to ${orderedW} W`)
  if (Math.max(capW, orderedW) > deviceRatedW) found.push(`has a cap above ${deviceRatedW} W`)
  const isStill = jobs.phase[job] === PHASE.suspended
  if (capW === 0 && jobs.phase[job] === PHASE.running) found.push('is paused and said to run')
  const isPromised = jobs.leastSpeed[job]! > 0
  if (isPromised && (isStill || capW === 0 || orderedW === 0 || jobs.safeW[job] === 0)) {
    found.push('is promised throughput, and paused')
  }
  return found
}
