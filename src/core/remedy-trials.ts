import { NONE } from '../base/id.ts'
import { PHASE, type JobRequest } from '../model/index.ts'
import { apply } from './apply.ts'
import type { Place } from './blocker.ts'
import { capBelowRating } from './caps.ts'
import { decide, type Policy } from './decide.ts'
import { changed, type Change } from './remedy-change.ts'
import type { State } from './state.ts'

/** What decides: handed in, since the core knows no policy. */
export type Deciders = {
  readonly policies: readonly Policy[]
  readonly rankOf: (state: State, request: JobRequest) => number
  readonly place: Place
  /** Whether one pending job goes before another. */
  readonly isBefore: (state: State, job: number, other: number) => boolean
}

/** Most forks of one explanation: at 125,000 nodes each costs some milliseconds. */
const TRIALS_MOST = 400

/** Tries changes in forks: the policies run one round there, and the job starts or does not. */
export class Trials {
  readonly deciders: Deciders
  /** Forks so far. */
  count = 0
  /** Cap of each device of the job that started last in a fork; -1: none. */
  capW: number = NONE
  private spare: State | undefined

  constructor(deciders: Deciders) {
    this.deciders = deciders
  }

  isSpent(): boolean {
    return this.count >= TRIALS_MOST
  }

  /** Whether a pending job starts in one round after these changes; never once all are spent. */
  starts(state: State, job: number, changes: readonly Change[]): boolean {
    if (this.isSpent()) return false
    this.count++
    const fork = changed(state, job, changes, this.spare)
    const round = { decisions: 0, refused: 0, lastProblem: '' }
    decide(fork, this.deciders.policies, (step) => { apply(fork, step) }, round)
    this.spare = fork
    if (fork.tables.jobs.phase[job]! < PHASE.starting) return false
    this.capW = capBelowRating(fork, job)
    return true
  }
}
