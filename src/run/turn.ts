import { apply } from '../core/apply.ts'
import type { RankOf } from '../core/ask.ts'
import { commandFor } from '../core/commands.ts'
import { decide, type Policy, type Round } from '../core/decide.ts'
import { observe } from '../core/observe.ts'
import type { State } from '../core/state.ts'
import type { JournalRecord } from '../journal/codec.ts'
import type { Command, Event, Report } from '../model/index.ts'

/** What every loop does with events, on a virtual clock or a real one. */

export type Doors = {
  readonly state: State
  readonly policies: readonly Policy[]
  readonly rankOf: RankOf
  readonly journal: {
    readonly append: (record: JournalRecord) => void, readonly turn: (atMs: number) => void,
  }
  readonly recorder: {
    /** An event that is about to be applied. */
    readonly before: (event: Event) => void
  }
  readonly round: Round
}

/** What an engine is to a turn. */
type Orders = {
  readonly send: (command: Command) => void
  readonly collect: (atMs: number, reports: Report[]) => void
}

/** The one way in: watch, journal, apply, and tell the engine. */
export function commit(
  { state, journal, recorder }: Doors, engine: Pick<Orders, 'send'>, event: Event): void {
  recorder.before(event)
  journal.append(event)
  const isAfter = event.type === 'job.started' || event.type === 'job.capped'
  // An order to stop comes while the run still has its nodes.
  const stop = isAfter ? undefined : commandFor(state, event)
  if (stop !== undefined) engine.send(stop)
  apply(state, event)
  const command = isAfter ? commandFor(state, event) : undefined
  if (command !== undefined) engine.send(command)
}

/** What the engine reports of this instant becomes so, after what waits to be heard. */
export function hear(doors: Doors, engine: Orders, atMs: number, reports: Report[]): void {
  engine.collect(atMs, reports)
  for (const report of reports) {
    for (const event of observe(doors.state, report)) commit(doors, engine, event)
  }
  // To set the length would give the room back, and there is a turn for each instant.
  while (reports.length > 0) reports.pop()
}

const ROUND = { type: 'round' } as const

/** The policies look at the state, and what they decide becomes so. */
export function decideOnce(doors: Doors, engine: Orders): void {
  doors.journal.append(ROUND)
  decide(doors.state, doors.policies, (step) => commit(doors, engine, step), doors.round)
}
