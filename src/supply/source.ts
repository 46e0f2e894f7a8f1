import type { Supply } from '../model/supply.ts'
import type { Moment } from './moment.ts'

/** One kind of supply: a file of its own, and a line in `index.ts`. */
export type SupplyKind<Kind extends Supply> = {
  readonly name: Kind['type']
  readonly summary: string
  /** What it can do and what that costs, as plain numbers and functions of the moment. */
  readonly sourceOf: (supply: Kind) => Source
}

/** A flow is told its watts and goes there by its ramps; a store takes what then is missing. */
export type Source = Flow | Store

export type Flow = {
  readonly role: 'flow'
  readonly name: string
  /** Equal units; watts, ramps and times are of one. */
  readonly units: number
  /** From the order to start until it takes load, and how long it then stays so, or stays off. */
  readonly startMs: number
  readonly leastUpMs: number
  readonly leastDownMs: number
  /** Infinity where it follows at once. */
  readonly riseWPerMs: number
  readonly fallWPerMs: number
  /** Least steady load of a unit that runs, against what it can give then. */
  readonly leastRatio: number
  /** Whether it gives what the load takes even beyond its ramp, as a grid does. */
  readonly isElastic: boolean
  /** USD for each watt of the highest mean of 15 minutes in a month. */
  readonly usdPerWMonth: number
  /** Most watts of one unit, and the part of them that may be counted on. */
  readonly unitW: (moment: Moment) => number
  readonly firmUnitW: (moment: Moment) => number
  /** What a megawatt-hour costs at full load: whether a unit is worth starting. */
  readonly usdPerMwh: (moment: Moment) => number
  /** What one more costs, from the least load to the full: who of those that run gives more. */
  readonly moreUsdPerMwh: (moment: Moment) => number
  /**
   * Joules of fuel and USD, without a demand charge, for an integral of watts and one of their
   * square over ms, with `onW` watts of units on.
   */
  readonly fuelJ: (wattMs: number, squareMs: number, onW: number) => number
  readonly usd: (wattMs: number, squareMs: number, onW: number, moment: Moment) => number
}

/** Energy is in watt-milliseconds here, so that it is whole where watts and times are. */
export type Store = {
  readonly role: 'store'
  readonly name: string
  readonly leastWms: number
  readonly mostWms: number
  readonly startWms: number
  /** Above `leastWms`, for needs alone. */
  readonly reserveWms: number
  readonly chargeW: number
  readonly dischargeW: number
  /** Share that is kept each way: the root of the round trip. */
  readonly keptRatio: number
  /** Wear of a megawatt-hour delivered. */
  readonly usdPerMwh: number
}
