import { drawRunMs, openRuns } from '../../core/belief.ts'
import type { State } from '../../core/state.ts'
import type { OwnedSpec } from '../../model/index.ts'
import type { Engine } from '../engine.ts'
import { Ahead } from './ahead.ts'
import type { Behaviour } from './profiles.ts'

/**
 * A twin in the middle of things, with jobs that behave as they did before. Where a run stood is
 * what its formula gives from its start and the cap that it has now: caps of before a restart are
 * not remembered.
 */
export class LiveTwin extends Ahead {
  /** A job that the state has goes on as it truly behaves. */
  goOn(row: number, job: Behaviour): void {
    this.take(row, job, undefined)
  }

  /** It as the engine of a live factory, of the state that it was made for. Nothing is to close. */
  asEngine(): Omit<Engine, 'close'> {
    const { state } = this
    return {
      name: 'twin',
      isInside: true,
      nextAtMs: () => this.nextAtMs(),
      collect: (atMs, into) => this.collect(atMs, into),
      send: (command) => this.send(command),
      // Nothing is outside: `goOn` was told of every job.
      reconcile: () => {},
      accept: (row, spec) => this.accept(row, behaviourOf(state, row, spec)),
    }
  }
}

/**
 * How a job that somebody submitted behaves on the twin: its spec says how long it works, else its
 * limit, else what is believed of such jobs.
 */
export function behaviourOf(state: State, row: number, spec: OwnedSpec | undefined): Behaviour {
  const { gpus, limitMs } = state.tables.jobs
  const workMs = spec?.workMs || limitMs[row] || drawRunMs(state, row, MEDIAN, openRuns(state))
  return {
    gpus: gpus[row]!, workMs, workload: '', checkpointEveryMs: 0, checkpointStallMs: -1,
    outcome: 'completed',
  }
}

const MEDIAN = 0.5
