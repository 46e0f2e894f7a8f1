import { joulesOf, perMinuteToPerMs, usdOf } from '../base/units.ts'
import type { GridSupply } from '../model/supply.ts'
import type { Moment } from './moment.ts'
import type { SupplyKind } from './source.ts'

/** A contract: firm and interruptible watts at a price, with the ramps of the utility's rule. */
export const grid: SupplyKind<GridSupply> = {
  name: 'grid',
  summary: 'a contract with a utility: firm and interruptible watts, ramps, notice, price',
  sourceOf: (supply) => {
    const contractW = supply.firmW + supply.interruptibleW
    const priceAt = (moment: Moment) => supply.isMarket && !Number.isNaN(moment.usdPerMwh)
      ? moment.usdPerMwh : supply.usdPerMwh
    return {
      role: 'flow',
      name: supply.name,
      units: 1,
      startMs: 0,
      leastUpMs: 0,
      leastDownMs: 0,
      riseWPerMs: rampOf(supply.riseWPerMin),
      fallWPerMs: rampOf(supply.fallWPerMin),
      leastRatio: 0,
      isElastic: true,
      usdPerWMonth: supply.usdPerWMonth,
      unitW: () => contractW,
      firmUnitW: () => contractW,
      usdPerMwh: priceAt,
      moreUsdPerMwh: priceAt,
      fuelJ: () => 0,
      usd: (wattMs, _squareMs, _onW, moment) => usdOf(joulesOf(wattMs), priceAt(moment)),
    }
  },
}

function rampOf(wattsPerMin: number): number {
  return wattsPerMin === 0 ? Infinity : perMinuteToPerMs(wattsPerMin)
}
