import { formatDuration, formatPower } from '../base/units.ts'
import type { GridSupply } from '../model/supply.ts'

/** A call of the grid: no more than `limitW` from one moment to another. */
export type Call = {
  readonly noticeAtMs: number
  readonly fromMs: number
  readonly untilMs: number
  readonly limitW: number
}

/**
 * What the contract does not allow of a call, in words, or nothing. `calledMs` is how long it has
 * called already in this year. A site may have to follow all the same: that is for people.
 */
export function callProblems(
  { name, firmW, noticeMs, mostCalledMs }: GridSupply, call: Call, calledMs: number,
): readonly string[] {
  const problems: string[] = []
  const toldMs = call.fromMs - call.noticeAtMs
  if (call.limitW < firmW) {
    problems.push(`${name} leaves ${formatPower(call.limitW)}, and owes ${formatPower(firmW)} at `
      + 'any time; no less than that may be called')
  }
  if (toldMs < noticeMs) {
    problems.push(`${name} calls after ${formatDuration(toldMs)}, and owes ${
      formatDuration(noticeMs)} of notice; a later call would do`)
  }
  const spanMs = call.untilMs - call.fromMs
  if (calledMs + spanMs > mostCalledMs) {
    problems.push(`${name} has called for ${formatDuration(calledMs)} this year and now for ${
      formatDuration(spanMs)}; its contract allows ${formatDuration(mostCalledMs)} in all`)
  }
  return problems
}
