import type { State } from '../../core/state.ts'
import type { Engine } from '../../engines/engine.ts'
import type { Store } from '../../journal/store.ts'
import type { TraceJob } from '../../model/index.ts'
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

/** An engine, and the jobs that come to it by themselves. */
export type Plugged = {
  readonly engine: Engine
  readonly source?: Source & {
    /** The core took a job of the source into a row. */
    readonly accepted: (row: number, job: TraceJob) => void
  }
}
