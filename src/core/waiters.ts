import { NONE } from '../base/id.ts'
import type { Dependency, Outcome } from '../model/job.ts'
import type { State } from './state.ts'

/**
 * Dependencies: each job has a list of those that wait for it, and each waiting job counts what
 * it still waits for. A list may name rows that have ended and are used again: their number tells.
 */

/** Puts a job behind those it depends on. */
export function addWaits(state: State, job: number, after: readonly Dependency[]): void {
  const { totals, arena } = state
  for (const { job: other, on } of after) {
    let row = totals.freeWaiterRow
    if (row === NONE) {
      row = totals.waiterRows++
      arena.grow('waiters', totals.waiterRows)
    } else {
      totals.freeWaiterRow = state.tables.waiters.next[row]!
    }
    const { waiters, jobs } = state.tables
    waiters.job[row] = job
    waiters.number[row] = jobs.number[job]!
    waiters.onEnd[row] = on === 'ended' ? 1 : 0
    waiters.next[row] = jobs.firstWaiter[other]!
    jobs.firstWaiter[other] = row
    jobs.waitsFor[job] = jobs.waitsFor[job]! + 1
  }
}

/**
 * Takes a job that ends out of the way of those that wait for it, and calls back with each that
 * waits for nothing more. One that needed its success and does not get it is `doomed`: it waits
 * until a person releases or cancels it.
 */
export function endWaits(
  state: State, job: number, outcome: Outcome, onReady: (job: number) => void): void {
  const { waiters, jobs } = state.tables
  const ready: number[] = []
  let row = jobs.firstWaiter[job]!
  jobs.firstWaiter[job] = NONE
  while (row !== NONE) {
    const waiter = waiters.job[row]!
    if (jobs.number[waiter] === waiters.number[row] && jobs.waitsFor[waiter]! > 0) {
      if (outcome === 'completed' || waiters.onEnd[row] === 1) {
        jobs.waitsFor[waiter] = jobs.waitsFor[waiter]! - 1
        if (jobs.waitsFor[waiter] === 0) ready.push(waiter)
      } else {
        jobs.doomed[waiter] = 1
      }
    }
    const next = waiters.next[row]!
    waiters.next[row] = state.totals.freeWaiterRow
    state.totals.freeWaiterRow = row
    row = next
  }
  // The list is the newest first; those that came first go first.
  for (const waiter of ready.reverse()) onReady(waiter)
}

/** Whether a job still waits for another to end. O(waiters of the other). */
export function isAwaitedBy(state: State, job: number, waiter: number): boolean {
  const { waiters, jobs } = state.tables
  for (let row = jobs.firstWaiter[job]!; row !== NONE; row = waiters.next[row]!) {
    if (waiters.job[row] === waiter && waiters.number[row] === jobs.number[waiter]) return true
  }
  return false
}
