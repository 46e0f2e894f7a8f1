/**
 * What gives a site its watts. Watts are whole; a ramp is in watts a minute, 0 for none that
 * binds; prices are USD a megawatt-hour, of electricity or of a fuel's heat.
 */
export type Supply = GridSupply | BatterySupply | TurbineSupply | EngineSupply | SolarSupply

/** A contract with a utility. */
export type GridSupply = {
  readonly type: 'grid'
  readonly name: string
  /** Watts that the utility owes at any time. */
  readonly firmW: number
  /** Watts beyond them that it may call back, after a notice, for so long a year. */
  readonly interruptibleW: number
  readonly noticeMs: number
  readonly mostCalledMs: number
  readonly riseWPerMin: number
  readonly fallWPerMin: number
  /** Price of the energy where there is no price series, or where `isMarket` is false. */
  readonly usdPerMwh: number
  readonly isMarket: boolean
  /** For the highest mean of 15 minutes in a month. */
  readonly usdPerWMonth: number
}

export type BatterySupply = {
  readonly type: 'battery'
  readonly name: string
  readonly energyJ: number
  readonly chargeW: number
  readonly dischargeW: number
  /** What comes back of what was put in. Half of the loss, as a root, is each way. */
  readonly roundTripRatio: number
  /** Window of the state of charge, and where a run begins. */
  readonly leastRatio: number
  readonly mostRatio: number
  readonly startRatio: number
  /** Part of the energy, above the window's least, that only a need may use, no price. */
  readonly reserveRatio: number
  /** Wear for each megawatt-hour delivered. */
  readonly usdPerMwh: number
}

/** Units of one kind that burn fuel; watts, ramps and times are of one unit. */
export type Generator = {
  readonly name: string
  readonly units: number
  readonly unitW: number
  readonly startMs: number
  readonly rampWPerMin: number
  /** Least steady load of a unit that runs. */
  readonly leastRatio: number
  /** Joules of fuel for one joule at full load; HR(p) = this x (1 + slope x (1 - p)). */
  readonly heatRatio: number
  readonly heatSlope: number
  readonly fuelUsdPerMwh: number
  /** Upkeep for each megawatt-hour delivered. */
  readonly usdPerMwh: number
  /** Share of its watts that a unit loses for each degree above a temperature. */
  readonly derateFromC: number
  readonly deratePerC: number
  readonly leastUpMs: number
  readonly leastDownMs: number
}

export type TurbineSupply = Generator & { readonly type: 'turbine' }

/** A reciprocating engine, on gas or on diesel. */
export type EngineSupply = Generator & { readonly type: 'engine' }

export type SolarSupply = {
  readonly type: 'solar'
  readonly name: string
  readonly peakW: number
  /** Share of the peak in each hour of a day (UTC), where there is no series of the sun. */
  readonly hourRatios: readonly number[]
  /** Share of what is forecast that may be counted on. */
  readonly firmRatio: number
}
