/**
 * A smooth curve through points, whose `x` rise: cubic in each interval, rising where they rise and
 * falling where they fall, so that it never swings beyond two neighbours (Fritsch and Butland 1984,
 * known as PCHIP). Outside the points as at the nearest. Only + - * /. Made in O(points).
 */
export function smooth(xs: readonly number[], ys: readonly number[]): (x: number) => number {
  const last = xs.length - 1
  const slopes = slopesOf(xs, ys)
  return (x) => {
    if (x <= xs[0]!) return ys[0]!
    if (x >= xs[last]!) return ys[last]!
    let at = 0
    while (xs[at + 1]! < x) at++
    const width = xs[at + 1]! - xs[at]!
    const t = (x - xs[at]!) / width
    const u = 1 - t
    return ys[at]! * u * u * (1 + 2 * t) + slopes[at]! * width * t * u * u
      + ys[at + 1]! * t * t * (1 + 2 * u) - slopes[at + 1]! * width * t * t * u
  }
}

/** At each point: the weighted harmonic mean of the slopes beside it, 0 at a turn. */
function slopesOf(xs: readonly number[], ys: readonly number[]): number[] {
  const last = xs.length - 1
  const widths = Array.from({ length: last }, (_, at) => xs[at + 1]! - xs[at]!)
  const secants = widths.map((width, at) => (ys[at + 1]! - ys[at]!) / width)
  if (last < 2) return ys.map(() => secants[0] ?? 0)
  return xs.map((_, at) => {
    if (at === 0) return edge(widths[0]!, widths[1]!, secants[0]!, secants[1]!)
    if (at === last) {
      return edge(widths[last - 1]!, widths[last - 2]!, secants[last - 1]!, secants[last - 2]!)
    }
    const before = secants[at - 1]!
    const after = secants[at]!
    if (before * after <= 0) return 0
    const nearer = 2 * widths[at]! + widths[at - 1]!
    const farther = widths[at]! + 2 * widths[at - 1]!
    return (nearer + farther) / (nearer / before + farther / after)
  })
}

/** Slope at an end by three points, kept from turning the curve. */
function edge(near: number, next: number, secant: number, nextSecant: number): number {
  const slope = ((2 * near + next) * secant - near * nextSecant) / (near + next)
  if (slope * secant <= 0) return 0
  const isTurn = secant * nextSecant <= 0
  return isTurn && Math.abs(slope) > Math.abs(3 * secant) ? 3 * secant : slope
}
