import { joulesOf, perMinuteToPerMs, usdOf } from '../base/units.ts'
import type { Generator } from '../model/supply.ts'
import type { Moment } from './moment.ts'
import type { Flow } from './source.ts'

/** Units that burn fuel: what turbines and engines have in common. */
export function generatorFlow(supply: Generator, unitW: (moment: Moment) => number): Flow {
  const rampWPerMs = perMinuteToPerMs(supply.rampWPerMin)
  const { heatRatio, heatSlope, fuelUsdPerMwh } = supply
  const fullUsd = heatRatio * fuelUsdPerMwh + supply.usdPerMwh
  const moreUsd = heatRatio * (1 - heatSlope * supply.leastRatio) * fuelUsdPerMwh + supply.usdPerMwh
  // Fuel of p watts of onW is heatRatio x (1 + slope x (1 - p / onW)) x p: linear less a square.
  const fuelJ = (wattMs: number, squareMs: number, onW: number) => wattMs === 0 ? 0
    : joulesOf(heatRatio * ((1 + heatSlope) * wattMs - heatSlope * squareMs / onW))
  return {
    role: 'flow',
    name: supply.name,
    units: supply.units,
    startMs: supply.startMs,
    leastUpMs: supply.leastUpMs,
    leastDownMs: supply.leastDownMs,
    riseWPerMs: rampWPerMs,
    fallWPerMs: rampWPerMs,
    leastRatio: supply.leastRatio,
    isElastic: false,
    usdPerWMonth: 0,
    unitW,
    firmUnitW: unitW,
    usdPerMwh: () => fullUsd,
    moreUsdPerMwh: () => moreUsd,
    fuelJ,
    usd: (wattMs, squareMs, onW) => usdOf(fuelJ(wattMs, squareMs, onW), fuelUsdPerMwh)
      + usdOf(joulesOf(wattMs), supply.usdPerMwh),
  }
}
