import { NONE } from '../base/id.ts'
import type { State } from './state.ts'

/**
 * Who has a node, and what it has free. A job that has the whole node is one number there; only
 * parts are written in full, to the node's other columns and to its devices.
 */

/** Stands for the holder of a node of which jobs have parts. */
export const SHARED = -2

/** Whether nobody has anything of the node. */
export function isIdle(state: State, node: number): boolean {
  return state.tables.nodes.holder[node] === NONE
}

/** A bit for each device that no job holds. */
export function freeDevicesOf(state: State, node: number): number {
  const { holder, freeDevices } = state.tables.nodes
  return holder[node]! >= 0 ? 0 : freeDevices[node]!
}

export function freeCpusOf(state: State, node: number): number {
  const { holder, freeCpus } = state.tables.nodes
  return holder[node]! >= 0 ? 0 : freeCpus[node]!
}

export function freeMemoryOf(state: State, node: number): number {
  const { holder, freeMemoryGiB } = state.tables.nodes
  return holder[node]! >= 0 ? 0 : freeMemoryGiB[node]!
}

/** When its last job is expected to leave it; 0 when it has none. */
export function busyUntilOf(state: State, node: number): number {
  const { nodes, jobs } = state.tables
  const holder = nodes.holder[node]!
  return holder >= 0 ? jobs.expectedEndAtMs[holder]! : nodes.busyUntilMs[node]!
}

/** The job that has a device of a node, or NONE. */
export function jobOfDevice(state: State, node: number, device: number): number {
  const holder = state.tables.nodes.holder[node]!
  return holder >= 0 ? holder : state.tables.devices.job[device]!
}
