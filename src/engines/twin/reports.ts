import { OUTCOMES, type Report } from '../../model/index.ts'
import type { Profile } from './profiles.ts'

/** What the engine says of a run, of a job's row. */
export function jobReport(
  type: 'job.up' | 'job.done' | 'job.lost', row: number, run: Profile, cause: string): Report {
  return {
    type, job: row, number: run.number, attempt: run.attempt,
    outcome: OUTCOMES[run.outcome]!, cause, keptMs: Math.floor(run.savedMs),
  }
}
