import { advance, apply, settle } from '../core/apply.ts'
import type { State } from '../core/state.ts'
import type { JournalRecord } from './codec.ts'

/**
 * Applies the records of whole turns; decisions are events, so no policy runs. It stops before the
 * first turn after `untilMs`. Returns how many records were applied.
 */
export function play(
  state: State, records: Iterable<JournalRecord>, untilMs: number = Infinity): number {
  let count = 0
  let isRound = false
  for (const record of records) {
    if (record.type === 'turn' && record.atMs > untilMs) break
    count++
    if (record.type === 'turn' || record.type === 'round') {
      // What followed a round up to here was decided in it.
      if (isRound) settle(state)
      isRound = record.type === 'round'
      if (record.type === 'turn') advance(state, record.atMs)
    } else if (record.type !== 'end') {
      apply(state, record)
    }
  }
  if (isRound) settle(state)
  return count
}
