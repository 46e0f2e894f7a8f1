import type { Workload } from './workload.ts'

/**
 * A synchronous gang that saves its state at an interval, its own or the best one, and goes on
 * from there after a fault. While it saves, its devices idle.
 */
export const training: Workload = {
  name: 'training',
  summary: 'saves at its interval, else at the best one, and restarts from there',
  checkpoints: (declared, best) => {
    const stallMs = declared.stallMs >= 0 ? declared.stallMs : declared.usualStallMs
    return { everyMs: declared.everyMs > 0 ? declared.everyMs : best(stallMs), stallMs }
  },
  drawRatio: ({ everyMs, stallMs }) =>
    everyMs === Infinity ? 1 : everyMs / (everyMs + stallMs),
}
