import { blockerOf } from '../core/blocker.ts'
import type { State } from '../core/state.ts'
import { LIMIT_KINDS, PHASE, type Blocker } from '../model/index.ts'
import type { LiveClock } from '../run/live/clock.ts'
import { momentText } from './moment.ts'
import type { Outlook } from './schema-plant.ts'
import { sentenceOf } from './view-job.ts'

/** Pending jobs that are looked at, the oldest ones: each costs a search. */
const LOOKED_AT = 20

/** O(jobs), and a search for each job that is looked at. */
export function outlookOf(state: State, clock: LiveClock): Outlook {
  const { tables: { jobs }, totals } = state
  let paused = 0
  let first = -1
  for (let job = 0; job < totals.jobRows; job++) {
    const phase = jobs.phase[job]!
    if (phase === PHASE.suspended) paused++
    if (phase !== PHASE.running && phase !== PHASE.starting) continue
    const endMs = jobs.expectedEndAtMs[job]!
    const isNext = endMs > totals.nowMs && (first < 0 || endMs < jobs.expectedEndAtMs[first]!)
    if (isNext) first = job
  }
  return {
    blocker: mostBlocked(state), paused, limit: nextLimit(state, clock),
    end: first < 0 ? null : {
      at: momentText(clock, jobs.expectedEndAtMs[first]!), job: jobs.number[first]!,
      gpus: jobs.heldGpus[first]!,
    },
  }
}

function mostBlocked(state: State): Outlook['blocker'] {
  const { tables: { jobs }, totals } = state
  const oldest: number[] = []
  for (let job = 0; job < totals.jobRows; job++) {
    if (jobs.phase[job] !== PHASE.pending) continue
    oldest.push(job)
    oldest.sort((a, b) => jobs.number[a]! - jobs.number[b]!)
    if (oldest.length > LOOKED_AT) oldest.pop()
  }
  const byReason = new Map<string, { job: number, blocker: Blocker, jobs: number, gpus: number }>()
  for (const job of oldest) {
    const blocker = blockerOf(state, job)
    if (blocker === undefined) continue
    const known = byReason.get(blocker.reason) ?? { job, blocker, jobs: 0, gpus: 0 }
    known.jobs++
    known.gpus += jobs.gpus[job]!
    byReason.set(blocker.reason, known)
  }
  const [most] = [...byReason.values()].sort((a, b) => b.gpus - a.gpus || a.job - b.job)
  return most === undefined ? null : {
    code: most.blocker.reason, sentence: sentenceOf(most.blocker), job: jobs.number[most.job]!,
    jobs: most.jobs, of: oldest.length,
  }
}

function nextLimit(state: State, clock: LiveClock): Outlook['limit'] {
  const { limits } = state.tables
  const { nowMs, limitRows } = state.totals
  let found = -1
  let atMs = Infinity
  for (let row = 0; row < limitRows; row++) {
    if (limits.endAtMs[row]! <= nowMs) continue
    const edgeMs = limits.startAtMs[row]! > nowMs ? limits.startAtMs[row]! : limits.endAtMs[row]!
    if (edgeMs >= atMs) continue
    atMs = edgeMs
    found = row
  }
  const at = momentText(clock, atMs)
  return found < 0 || at === null ? null : {
    at, feeder: state.layout.plant.feeders[limits.feeder[found]!]!.name,
    kind: LIMIT_KINDS[limits.kind[found]!]!, watts: limits.watts[found]!,
    isStart: atMs === limits.startAtMs[found]!,
  }
}
