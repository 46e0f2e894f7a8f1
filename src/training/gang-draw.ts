/**
 * What a node draws in a gang of many, from what it draws in a gang of one. All nodes of a
 * synchronous job work and wait together, so the whole gang steps as one node does. A node that
 * waits draws `waitW`; what it draws above that follows the work that it does, so it shrinks by the
 * efficiency of the scaling; what happens once a run (start, evaluations) still happens once, in a
 * shorter run.
 */
export type NodeDraw = {
  /** Mean over a run. */
  readonly meanW: number
  /** The lowest draw within a run: all wait. */
  readonly waitW: number
}

/** Work of a node in the gang against that of a node alone: 1 where scaling is perfect. */
export function scalingEfficiency(aloneS: number, gangS: number, nodes: number): number {
  return aloneS / gangS / nodes
}

/** Mean draw of each node of the gang. */
export function gangMean({ meanW, waitW }: NodeDraw, efficiency: number): number {
  return waitW + (meanW - waitW) * efficiency
}

/**
 * The step between two readings of a node of the gang that a share of them exceeds, from the steps
 * of runs alone. The gang's run has as many steps and fewer readings, by the ratio of the times, so
 * a larger one of the steps is exceeded as often. O(steps · log steps).
 */
export function gangStep(
  steps: readonly number[], share: number, efficiency: number, timeRatio: number): number {
  const sorted = steps.toSorted((a, b) => b - a)
  const at = Math.min(sorted.length - 1, share * timeRatio * (sorted.length - 1))
  const below = Math.floor(at)
  const next = sorted[Math.min(sorted.length - 1, below + 1)]!
  return (sorted[below]! + (at - below) * (next - sorted[below]!)) * efficiency
}
