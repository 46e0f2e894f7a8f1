import type { Workload } from './workload.ts'

/**
 * A job that saves nothing unless it says so: a fault costs all that it did. Data preparation,
 * simulation, evaluation, and most jobs without GPUs are of this kind.
 */
export const batch: Workload = {
  name: 'batch',
  summary: 'saves only where it declares an interval; else a fault costs all its work',
  checkpoints: ({ everyMs, stallMs }) => ({
    everyMs: everyMs > 0 ? everyMs : Infinity,
    stallMs: Math.max(0, stallMs),
  }),
  drawRatio: ({ everyMs, stallMs }) =>
    everyMs === Infinity ? 1 : everyMs / (everyMs + stallMs),
}
