import { batch } from './batch.ts'
import { training } from './training.ts'
import type { Workload } from './workload.ts'

/** Every kind of job by name. A new one is its file and a line here. */
export const WORKLOADS: Readonly<Record<string, Workload>> = { training, batch }

/** The kind of a job that names none: those with devices train, those without do not. */
export function workloadOf(name: string, gpus: number): Workload {
  return WORKLOADS[name === '' ? (gpus > 0 ? 'training' : 'batch') : name]!
}
