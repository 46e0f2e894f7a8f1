import { coresOf, gpusOn, leastNodesOf, plannedRunMs, shapeOfJob } from '../core/demand.ts'
import type { Shape } from '../core/shape.ts'
import type { State } from '../core/state.ts'
import { shareOf } from './charge.ts'
import { sizeNow } from './size.ts'

/** A job as it is planned on one pool. */
export type Form = {
  readonly job: number
  readonly pool: number
  /** Nodes as a job names them: 0 for as few as hold it. */
  readonly size: number
  readonly shape: Shape
  readonly gpus: number
  readonly cores: number
  readonly runMs: number
  /** Whole nodes that it counts for; a part of one counts as its share of it. */
  readonly nodes: number
}

/**
 * A job at its full size or, where it can run on fewer nodes, on as many as its quota has room for
 * now, at least its fewest. Undefined where a node of the pool cannot give its part.
 */
export function formOf(view: State, job: number, pool: number): Form | undefined {
  const size = Math.max(leastNodesOf(view, job), sizeNow(view, job))
  const shape = shapeOfJob(view, job, pool, size)
  if (shape === undefined) return undefined
  const gpus = gpusOn(view, job, size)
  const parts = shape.parts === 1 ? shareOf(view, pool, shape) : shape.parts
  return {
    job, pool, size, shape, gpus, cores: coresOf(view, job), nodes: shape.whole + parts,
    runMs: plannedRunMs(view, job, gpus, pool),
  }
}
