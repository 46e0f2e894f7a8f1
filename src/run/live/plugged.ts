import type { State } from '../../core/state.ts'
import type { Engine } from '../../engines/engine.ts'
import type { Store } from '../../journal/store.ts'
import type { Event, Intent, TraceJob } from '../../model/index.ts'
import type { Source } from '../loop.ts'
import type { LiveClock } from './clock.ts'

/** Makes the engine of a factory for a state that was just rebuilt; again after each failure. */
export type EngineKind = {
  readonly name: string
  readonly make: (site: EngineSite) => Promise<Plugged>
}

/** What an engine is put into. */
export type EngineSite = {
  /** Only engines inside of this process may keep it: it is replaced after a failure. */
  readonly state: State
  readonly store: Store
  readonly clock: LiveClock
  /** Says that `collect` has something to tell. */
  readonly wake: () => void
}

/** What gives the sites their watts, where the engine plays it as well. */
export type PlayedSupplies = {
  /** When it looks again, and what it then tells; nothing where there is nothing to tell. */
  readonly peekAtMs: () => number
  readonly next: () => Intent | undefined
  /** An event that is about to be applied, and the end of an instant. */
  readonly before: (event: Event) => void
  readonly turn: () => void
  /** What does not add up (I11); empty while all does. */
  readonly problems: () => readonly string[]
}

/** An engine, and the jobs that come to it by themselves. */
export type Plugged = {
  readonly engine: Engine
  readonly supplies?: PlayedSupplies
  readonly source?: Source & {
    /** The core took a job of the source into a row. */
    readonly accepted: (row: number, job: TraceJob) => void
  }
}
