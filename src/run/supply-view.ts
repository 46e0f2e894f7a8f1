import { joulesOf, toMegawattHours } from '../base/units.ts'
import type { State } from '../core/state.ts'
import { suppliesKnown } from '../core/supply-cells.ts'
import type { BatterySupply, Supply } from '../model/index.ts'
import { UNIT, type MixNumbers, type SupplyNumbers } from '../model/supply-record.ts'
import { groupOf, GROUPS, type Group } from './supply-site.ts'

/** One supply as it was last told. */
export type SupplyNow = {
  readonly supply: string
  readonly type: Supply['type']
  /** What it gives; below 0 a battery takes. */
  readonly outputW: number
  /** Equal units; a battery, a grid and a solar field count as one. */
  readonly units: number
  readonly on: number
  readonly starting: number
  readonly lost: number
  /** When the next of its units that start has started; -1 where none does. */
  readonly startedAtMs: number
  readonly storedMWh: number | null
  readonly mostMWh: number | null
  /** From the beginning of the run on. */
  readonly givenMWh: number
  readonly takenMWh: number
  readonly fuelMWh: number
  readonly dollars: number
  readonly starts: number
}

/** The supplies of a site. */
export type SuppliesNow = {
  readonly site: number
  readonly atMs: number
  readonly drawW: number
  readonly gridW: number
  readonly generatorsW: number
  readonly solarW: number
  readonly batteryW: number
  /** What is drawn and not given. */
  readonly unservedW: number
  /** Null where there is no battery. */
  readonly storedMWh: number | null
  readonly mostMWh: number | null
  readonly unservedMWh: number
  /** Energy, fuel, upkeep, wear and demand charges. */
  readonly dollars: number
  readonly supplies: readonly SupplyNow[]
}

/** How the supplies of a site stand; nothing before they were first told. O(units). */
export function suppliesNow(state: State, site: number): SuppliesNow | undefined {
  const known = suppliesKnown(state, site)?.numbers
  return known === undefined ? undefined
    : viewOf(site, state.layout.plant.sites[site]!.supplies!, known)
}

function viewOf(site: number, supplies: readonly Supply[], known: MixNumbers): SuppliesNow {
  const storesW = storesWattsOf(supplies, known)
  const all = supplies.map((supply, at) => supplyOf(supply, known.supplies[at]!, storesW[at]!))
  const groups: Record<Group, number> = { grid: 0, generators: 0, battery: 0, solar: 0 }
  supplies.forEach((supply, at) => { groups[groupOf(supply)] += all[at]!.outputW })
  const hasBattery = all.some(({ storedMWh }) => storedMWh !== null)
  const sum = (key: 'storedMWh' | 'mostMWh' | 'dollars') =>
    all.reduce((total, each) => total + (each[key] ?? 0), 0)
  const monthUsd = supplies.reduce((total, supply, at) => total
    + (supply.type === 'grid' ? known.supplies[at]!.peakW * supply.usdPerWMonth : 0), 0)
  const givenW = GROUPS.reduce((total, group) => total + groups[group], 0)
  return {
    site, atMs: known.nowMs, drawW: known.demandW, gridW: groups.grid,
    generatorsW: groups.generators, solarW: groups.solar, batteryW: groups.battery,
    unservedW: known.demandW - givenW > TINY_W ? known.demandW - givenW : 0,
    storedMWh: hasBattery ? sum('storedMWh') : null, mostMWh: hasBattery ? sum('mostMWh') : null,
    unservedMWh: toMegawattHours(known.unservedJ + joulesOf(known.unservedWms)),
    dollars: sum('dollars') + known.demandChargeUsd + monthUsd,
    supplies: all,
  }
}

/** Below it a difference of watts is rounding. */
const TINY_W = 1e-3

/** By supply, what stores give: all that flows do not, shared by their ratings. */
function storesWattsOf(supplies: readonly Supply[], known: MixNumbers): number[] {
  const flowsW = known.supplies.reduce((sum, { outputW }) => sum + outputW, 0)
  const loadW = known.demandW - flowsW
  const mostW = supplies.map((supply, at) => supply.type !== 'battery' ? 0
    : couldW(supply, known.supplies[at]!, loadW > 0))
  const allW = mostW.reduce((sum, watts) => sum + watts, 0)
  const ratio = allW === 0 ? 0 : Math.max(-1, Math.min(1, loadW / allW))
  return mostW.map((watts) => watts * ratio)
}

function couldW(supply: BatterySupply, { isLost, storedWms }: SupplyNumbers, isGiving: boolean) {
  const storedJ = joulesOf(storedWms)
  if (isLost === 1) return 0
  if (isGiving) return storedJ > supply.energyJ * supply.leastRatio ? supply.dischargeW : 0
  return storedJ < supply.energyJ * supply.mostRatio ? supply.chargeW : 0
}

function supplyOf(supply: Supply, known: SupplyNumbers, storeW: number): SupplyNow {
  const count = (phase: number) => known.units.filter((unit) => unit.phase === phase).length
  const isStore = supply.type === 'battery'
  const starts = known.units.filter((unit) => unit.phase === UNIT.starting)
  return {
    supply: supply.name, type: supply.type, outputW: isStore ? storeW : known.outputW,
    units: isStore ? 1 : known.units.length,
    on: isStore ? 1 - known.isLost : count(UNIT.on), starting: starts.length,
    lost: isStore ? known.isLost : count(UNIT.lost),
    startedAtMs: starts.length === 0 ? -1 : Math.min(...starts.map(({ changeMs }) => changeMs)),
    storedMWh: isStore ? toMegawattHours(joulesOf(known.storedWms)) : null,
    mostMWh: isStore ? toMegawattHours(supply.energyJ * supply.mostRatio) : null,
    givenMWh: toMegawattHours(known.givenJ + joulesOf(known.givenWms)),
    takenMWh: toMegawattHours(known.takenJ + joulesOf(known.takenWms)),
    fuelMWh: toMegawattHours(known.fuelJ), dollars: known.usd, starts: known.starts,
  }
}
