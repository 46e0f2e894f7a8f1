/**
 * How a hall is cooled: facility watts for one IT watt by the temperature outdoors. Between two
 * points it is linear, beyond them the nearest one holds.
 */
export type Cooling = {
  readonly name: string
  /** Degrees Celsius, rising: of the air, or of a wet thermometer where water evaporates. */
  readonly points: readonly { readonly tempC: number, readonly ratio: number }[]
  /** Whether the points are of the wet-bulb temperature. */
  readonly isWet: boolean
}
