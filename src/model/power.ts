/**
 * One limited segment of the power tree. Parents come before their children in the list, so the
 * tree has no cycle by construction. All watts are whole.
 */
export type Feeder = {
  readonly name: string
  /** Index of the feeder above, or -1 at a root. */
  readonly parent: number
  readonly limitW: number
  /** What it carries besides its children: fans, pumps, switches, node overhead, idle devices. */
  readonly baseW: number
  /**
   * Watts taken from the parent for 10,000 W delivered here: electric loss and cooling. 13,000
   * means that 1 W here is 1.3 W above.
   */
  readonly ratioPer10k: number
}

/** Denominator of a feeder's whole-number ratio. */
export const RATIO_ONE = 10_000
