// `node test/contract/main.ts`: a year of ERCOT and of TVA with an interruptible contract, and how
// fast the supplies of a site run. Prints the figures of docs/supplies.md; fails where a goal is
// missed.
import { SupplyMix } from '../../src/supply/mix.ts'
import { byThreshold, readYear, topHours, type Calls, type Year } from './calls.ts'
import { runContract } from './contract.ts'
import { suppliesOf } from './supplies.ts'

/** The contract: half a percent, of hours or of energy. */
const SHARE_RATIO = 0.005

/** CPU seconds that a year at 5-minute steps may take. */
const MOST_S = 1

const years = [readYear('ercot', 2023), readYear('ercot', 2022), readYear('tva', 2023)]
console.log(`| ${['grid, rule', 'load MW', 'hours', 'events, mean h', '>= 50/75/90 % kept',
  'racks off h', 'MWh lost', 'work lost', 'GPU-hours, by pauses only', 'work USD', 'USD/MWh shed',
  'energy USD: uncalled, saved', 'price called'].join(' | ')} |`)
for (const year of years) {
  print(year, 'top 0.5 % of hours, cut 50 %', undefined, topHours(year, SHARE_RATIO, 0.5))
  const { calls, loadMw } = byThreshold(year, SHARE_RATIO)
  print(year, '0.5 % of energy above the peak', loadMw, calls)
}
speed()

function print(year: Year, rule: string, loadMw: number | undefined, calls: Calls): void {
  const one = runContract(year, calls)
  const whole = (value: number) => Math.round(value).toLocaleString('en-US')
  const cells = [`${year.name}, ${rule}`, loadMw === undefined ? '' : whole(loadMw),
    `${one.hoursCalled}`, `${one.events}, ${one.meanEventHours.toFixed(1)}`,
    one.keptRatios.map((ratio) => (100 * ratio).toFixed(0)).join('/'), `${one.hoursOff}`,
    whole(one.energyLostMwh),
    `${(100 * one.workLostRatio).toFixed(3)} %`,
    `${whole(one.gpuHoursLost)}, ${whole(one.pausedHoursLost)}`, whole(one.workLostUsd),
    whole(one.workLostUsd / one.energyLostMwh),
    `${whole(one.uncalledUsd)}, ${whole(one.uncalledUsd - one.costUsd)}`,
    one.calledUsdPerMwh.toFixed(0)]
  console.log(`| ${cells.join(' | ')} |`)
  if (one.unservedMwh > 1e-6 || one.overW > 1) {
    console.log(`not served: ${one.unservedMwh} MWh; above a call: ${one.overW} W`)
    process.exitCode = 1
  }
}

/** Grid, battery and turbines with a draw that changes each 5 minutes of a year. */
function speed(): void {
  const supplies = suppliesOf([
    { type: 'grid', firm: '150 MW', interruptible: '50 MW', ramp: '20 MW/min' },
    { type: 'megapack-2xl', count: 168 }, { type: 'smt-130', count: 5 }])
  const times: number[] = []
  let worst = 0
  for (let run = 0; run < 3; run++) {
    const begun = process.cpuUsage()
    const mix = new SupplyMix(supplies, { atMs: 0, demandW: 180e6 })
    for (let step = 1; step <= 105_120; step++) {
      mix.demand(step * 300_000, 150e6 + step * 7919 % 31 * 1e6)
      worst = Math.max(worst, Math.abs(mix.errorWms()))
    }
    times.push(process.cpuUsage(begun).user / 1e6)
  }
  const best = Math.min(...times)
  console.log(`a year of 105,120 steps: ${best.toFixed(2)} CPU s of ${MOST_S} allowed; I11 off by `
    + `at most ${worst.toFixed(0)} W ms in an interval of 1.6e14`)
  if (best > MOST_S) process.exitCode = 1
}
