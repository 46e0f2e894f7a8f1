import { NONE } from '../base/id.ts'
import { baseDevice, usablePools } from './layout.ts'
import type { State } from './state.ts'

/**
 * How fast a job is on a type of device. Its times (its limit, and in the twin its work) are meant
 * for the device type of the first pool that it may use; on another it takes as much longer as its
 * throughput there is smaller. What a job declares for a type goes before the catalogue's speed.
 */

/** Keeps what a job declares by device type; 0 and what is missing leave it to the catalogue. */
export function addSpeeds(state: State, job: number, declared: readonly number[]): void {
  const { totals, arena } = state
  for (let device = declared.length - 1; device >= 0; device--) {
    if (declared[device] === 0) continue
    let row = totals.freeSpeedRow
    if (row === NONE) {
      row = totals.speedRows++
      arena.grow('speeds', totals.speedRows)
    } else {
      totals.freeSpeedRow = state.tables.speeds.next[row]!
    }
    const { speeds, jobs } = state.tables
    speeds.device[row] = device
    speeds.speed[row] = declared[device]!
    speeds.next[row] = jobs.firstSpeed[job]!
    jobs.firstSpeed[job] = row
  }
}

/** Forgets what a job that ends declared. */
export function dropSpeeds(state: State, job: number): void {
  const { speeds, jobs } = state.tables
  let row = jobs.firstSpeed[job]!
  jobs.firstSpeed[job] = NONE
  while (row !== NONE) {
    const next = speeds.next[row]!
    speeds.next[row] = state.totals.freeSpeedRow
    state.totals.freeSpeedRow = row
    row = next
  }
}

/** Throughput on a pool's devices against that for which the job's times are meant. O(declared). */
export function speedOn(state: State, job: number, pool: number): number {
  const { layout, tables } = state
  if (layout.plant.devices.length < 2 || tables.jobs.gpus[job] === 0) return 1
  const { device } = layout.pools[pool]!.system
  const base = baseDevice(layout, tables.jobs.queue[job]!, tables.jobs.device[job]!)
  if (device === base || device < 0) return 1
  return speedOf(state, job, device) / speedOf(state, job, base)
}

/** Its throughput on the slowest devices that it may use. O(pools). */
export function leastSpeed(state: State, job: number): number {
  const { layout, tables } = state
  if (layout.plant.devices.length < 2) return 1
  const { queue, device } = tables.jobs
  let least = Infinity
  for (const pool of usablePools(layout, queue[job]!, device[job]!)) {
    least = Math.min(least, speedOn(state, job, pool))
  }
  return least
}

function speedOf(state: State, job: number, device: number): number {
  const { speeds, jobs } = state.tables
  for (let row = jobs.firstSpeed[job]!; row !== NONE; row = speeds.next[row]!) {
    if (speeds.device[row] === device) return speeds.speed[row]!
  }
  return state.layout.speeds[device]!
}

/** What a job declared, by device type: as a request has it. O(what it declared). */
export function declaredSpeeds(state: State, job: number): readonly number[] {
  const { speeds, jobs } = state.tables
  if (jobs.firstSpeed[job] === NONE) return []
  const list = state.layout.plant.devices.map(() => 0)
  for (let row = jobs.firstSpeed[job]!; row !== NONE; row = speeds.next[row]!) {
    list[speeds.device[row]!] = speeds.speed[row]!
  }
  return list
}
