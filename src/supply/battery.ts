import { toWattMs } from '../base/units.ts'
import type { BatterySupply } from '../model/supply.ts'
import type { SupplyKind } from './source.ts'

/** Half of the loss each way; wear for what it delivers. It follows in milliseconds: at once. */
export const battery: SupplyKind<BatterySupply> = {
  name: 'battery',
  summary: 'a store with its power each way, round trip, window and reserve',
  sourceOf: (supply) => {
    const wattMs = toWattMs(supply.energyJ)
    return {
      role: 'store',
      name: supply.name,
      leastWms: wattMs * supply.leastRatio,
      mostWms: wattMs * supply.mostRatio,
      startWms: wattMs * supply.startRatio,
      reserveWms: wattMs * supply.reserveRatio,
      chargeW: supply.chargeW,
      dischargeW: supply.dischargeW,
      keptRatio: Math.sqrt(supply.roundTripRatio),
      usdPerMwh: supply.usdPerMwh,
    }
  },
}
