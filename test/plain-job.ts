import { PLAIN_ARRIVAL, type TraceJob } from '../src/model/arrival.ts'

/** A job of which a trace tells no more than this; everything else is left to the factory. */
export function plainJob(
  id: string,
  submitAtMs: number,
  gpus: number,
  workMs: number,
  limitMs = 0,
  memoryPerNodeGiB = 0,
  outcome: TraceJob['outcome'] = 'completed',
): TraceJob {
  return {
    id,
    submitAtMs,
    gpus,
    nodes: 0,
    cpusPerNode: 0,
    memoryPerNodeGiB,
    limitMs,
    queue: '',
    device: '',
    level: '',
    priority: 0,
    ...PLAIN_ARRIVAL,
    workload: '',
    workMs,
    checkpointEveryMs: 0,
    checkpointStallMs: -1,
    outcome,
  }
}
