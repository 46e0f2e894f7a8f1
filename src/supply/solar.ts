import type { SolarSupply } from '../model/supply.ts'
import type { Moment } from './moment.ts'
import type { SupplyKind } from './source.ts'

/** The sun costs nothing, may be spilled at will, and by default is not counted on. */
export const solar: SupplyKind<SolarSupply> = {
  name: 'solar',
  summary: 'watts by the hour or by a series; free, spilled at will, not counted on',
  sourceOf: (supply) => {
    const wattsAt = ({ sunRatio, hour }: Moment) => Math.floor(supply.peakW
      * Math.max(0, Math.min(1, Number.isNaN(sunRatio) ? supply.hourRatios[hour]! : sunRatio)))
    return {
      role: 'flow',
      name: supply.name,
      units: 1,
      startMs: 0,
      leastUpMs: 0,
      leastDownMs: 0,
      riseWPerMs: Infinity,
      fallWPerMs: Infinity,
      leastRatio: 0,
      isElastic: false,
      usdPerWMonth: 0,
      unitW: wattsAt,
      firmUnitW: (moment) => Math.floor(wattsAt(moment) * supply.firmRatio),
      usdPerMwh: () => 0,
      moreUsdPerMwh: () => 0,
      fuelJ: () => 0,
      usd: () => 0,
    }
  },
}
