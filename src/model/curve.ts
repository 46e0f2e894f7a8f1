/**
 * What one device of a kind does under a power cap in one class of work: its throughput and what it
 * draws. Points in the order of the cap; between two of them everything is linear. A clock that is
 * locked is a cap here: the watts that it leads to.
 */
export type Curve = {
  /** Whole watts, rising: from the lowest cap that can be set up to the rating. */
  readonly capW: readonly number[]
  /** Throughput against that without a cap: 0 to 1, never falling. */
  readonly speed: readonly number[]
  /** Mean of what it draws at work, at most the cap, and its standard deviation over time. */
  readonly drawW: readonly number[]
  readonly drawSdW: readonly number[]
}

/** Curves of the plant: those that policies believe where a job has no own. */
export type Curves = {
  /** Classes of work by name; the first is that of jobs that say none. */
  readonly classes: readonly string[]
  /** By class, then in the order of `Plant.devices`. */
  readonly byClass: readonly (readonly Curve[])[]
  /** What a device draws while its job is paused and stays loaded, in that order. */
  readonly pausedW: readonly number[]
}

/** Throughput under a cap, 0 to 1: at most that at the rating, and 0 below the lowest cap. */
export function speedAt(curve: Curve, capW: number): number {
  return capW < curve.capW[0]! ? 0 : valueAt(curve.capW, curve.speed, capW)
}

/** Mean draw of a device at work under a cap, W. */
export function drawAt(curve: Pick<Curve, 'capW' | 'drawW'>, capW: number): number {
  return Math.min(capW, valueAt(curve.capW, curve.drawW, capW))
}

/** Standard deviation of that draw, W. */
export function drawSdAt(curve: Curve, capW: number): number {
  return valueAt(curve.capW, curve.drawSdW, capW)
}

/** The piecewise linear function through the points, flat outside of them. O(points). */
function valueAt(x: readonly number[], y: readonly number[], at: number): number {
  let next = 0
  while (next < x.length && x[next]! < at) next++
  if (next === 0) return y[0]!
  if (next === x.length) return y[next - 1]!
  const share = (at - x[next - 1]!) / (x[next]! - x[next - 1]!)
  return y[next - 1]! + share * (y[next]! - y[next - 1]!)
}
