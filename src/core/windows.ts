import type { WindowSet } from '../model/event.ts'
import { isBelow } from './quota.ts'
import type { State } from './state.ts'

/**
 * Reservations and maintenance windows: nodes that are kept, from one moment to another, for the
 * jobs of one queue or for nobody. A job does not start on nodes whose window it would run into;
 * limits are estimates, so one that is late keeps its nodes until it is done.
 */

/** No moment: later than all others, and a whole number. */
export const NEVER_MS = Number.MAX_SAFE_INTEGER

const NONE_CLOSED: readonly number[] = []

export function setWindow(state: State, event: WindowSet): void {
  const { windows } = state.tables
  const { window } = event
  windows.first[window] = event.first
  windows.end[window] = event.end
  windows.startAtMs[window] = event.startAtMs
  windows.endAtMs[window] = event.endAtMs
  windows.queue[window] = event.queue
  windows.setAtMs[window] = state.totals.nowMs
  state.totals.windows = Math.max(state.totals.windows, window + 1)
  lookForNext(state)
}

export function clearWindow(state: State, window: number): void {
  state.tables.windows.endAtMs[window] = 0
  lookForNext(state)
}

/** Row for a new window: the first whose window is over; -1 where all are in use. */
export function freeWindow(state: State): number {
  const { endAtMs } = state.tables.windows
  return endAtMs.findIndex((atMs) => atMs <= state.totals.nowMs)
}

/** Sets when the next window begins or ends. O(windows). */
export function lookForNext(state: State): void {
  const { totals } = state
  const { startAtMs, endAtMs } = state.tables.windows
  let nextMs = NEVER_MS
  for (let window = 0; window < totals.windows; window++) {
    if (endAtMs[window]! <= totals.nowMs) continue
    const atMs = startAtMs[window]! > totals.nowMs ? startAtMs[window]! : endAtMs[window]!
    nextMs = Math.min(nextMs, atMs)
  }
  totals.nextWindowAtMs = nextMs
}

/**
 * Nodes that a job of a queue may not use if it starts now and ends at `endAtMs`: first, end,
 * first, end, … in the order of the windows. O(windows).
 */
export function closedNodes(state: State, queue: number, endAtMs: number): readonly number[] {
  const { totals, layout } = state
  if (totals.nextWindowAtMs === NEVER_MS) return NONE_CLOSED
  const { windows } = state.tables
  let closed = NONE_CLOSED as number[]
  for (let window = 0; window < totals.windows; window++) {
    if (windows.endAtMs[window]! <= totals.nowMs || windows.startAtMs[window]! >= endAtMs) continue
    const owner = windows.queue[window]!
    if (owner >= 0 && isBelow(layout.quotas, queue, owner)) continue
    if (closed === NONE_CLOSED) closed = []
    closed.push(windows.first[window]!, windows.end[window]!)
  }
  return closed
}

/** Whether a node lies in one of the ranges. O(ranges). */
export function isClosed(closed: readonly number[], node: number): boolean {
  for (let at = 0; at < closed.length; at += 2) {
    if (node >= closed[at]! && node < closed[at + 1]!) return true
  }
  return false
}
