/**
 * What there is to know of the supplies of a site at a moment, as numbers by name: with it they go
 * on elsewhere as they would have here. The state keeps it as cells, in the order of these names.
 */

/** Of the site: what it draws, when it decides next, and its accounts (see supply/balance.ts). */
export const MIX_CELLS = [
  /** 0 where nothing was ever told; the moment that all else is of. */
  'isKnown', 'nowMs',
  'demandW', 'mayDrawW', 'nextStepMs', 'steepestW', 'beyondRampW',
  /** The open interval of settlement, in watt-milliseconds. */
  'startedMs', 'heldWms', 'lossesWms', 'drawnWms', 'unservedWms', 'surplusWms',
  'monthEndMs', 'lossesJ', 'drawnJ', 'unservedJ', 'surplusJ', 'demandChargeUsd',
] as const

/** Of each supply; what does not belong to its kind is 0. */
export const SUPPLY_CELLS = [
  /** A flow: what it gives and where it goes; units that are on, starts so far. */
  'outputW', 'targetW', 'speedWPerMs', 'on', 'starts', 'unitW', 'peakW',
  /** A store: what it holds, and whether and until when it is lost. */
  'storedWms', 'isLost', 'lostUntilMs',
  /** Given and taken in the open interval, and before it. */
  'givenWms', 'takenWms', 'givenJ', 'takenJ', 'fuelJ', 'usd',
  /** Year of the run in which it called last, and for how long in it. */
  'calledYear', 'calledMs',
] as const

/** Of each unit of a flow. */
export const UNIT_CELLS = ['phase', 'changeMs'] as const

/** Of each call of a grid that is known; a place whose end is 0 is free. */
export const CALL_CELLS = ['fromMs', 'untilMs', 'limitW'] as const

/** Most calls of one contract that are known at a time. */
export const CALLS_MOST = 8

/** Most limits over time that follow from what the supplies of one site can give. */
export const LIMITS_TOLD_MOST = 8

/** Phases of a unit. */
export const UNIT = { off: 0, starting: 1, on: 2, lost: 3 } as const

type Numbers<Names extends readonly string[]> = { [Name in Names[number]]: number }

export type SupplyNumbers = Numbers<typeof SUPPLY_CELLS> & {
  readonly units: readonly Numbers<typeof UNIT_CELLS>[]
  readonly calls: readonly Numbers<typeof CALL_CELLS>[]
}

export type MixNumbers = Numbers<typeof MIX_CELLS> & {
  /** By supply of the site. */
  readonly supplies: readonly SupplyNumbers[]
}
