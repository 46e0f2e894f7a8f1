import { toSeconds } from '../../base/units.ts'
import type { RunSeries } from '../summary.ts'

/** The columns of power.csv, in order; docs/outputs.md says what each one means. */
const POWER_COLUMNS = [
  'at_s', 'gpus_up', 'gpus_busy', 'gpus_waiting', 'jobs_waiting', 'grant_w', 'draw_w',
  'peak_draw_w', 'limit_w',
] as const

/** Further ones where a site names supplies. */
const SUPPLY_COLUMNS = ['grid_w', 'battery_w', 'generators_w', 'solar_w', 'soc'] as const

/** The columns of jobs.csv, in order; one row for each job that was submitted. */
export const JOB_COLUMNS = [
  'job', 'queue', 'gpus', 'submit_s', 'start_s', 'end_s', 'wait_s', 'outcome', 'restarts',
  'gpu_hours', 'energy_kwh',
] as const

/** power.csv: a header and a row for each interval of the run. Ends in a line end. */
export function powerCsv(series: RunSeries): string {
  const columns = [
    series.atMs.map(toSeconds), series.gpusUp, series.gpusBusy, series.gpusWaiting,
    series.jobsWaiting, series.grantW, series.drawW, series.peakDrawW, series.limitW,
  ]
  const { supplies } = series
  if (supplies !== undefined) {
    const { gridW, batteryW, generatorsW, solarW, heldRatio } = supplies
    columns.push(gridW, batteryW, generatorsW, solarW, heldRatio)
  }
  const names = [...POWER_COLUMNS, ...supplies === undefined ? [] : SUPPLY_COLUMNS]
  const lines: string[] = [names.join(',')]
  for (let row = 0; row < series.atMs.length; row++) {
    lines.push(columns.map((column) => csvNumber(column[row] ?? 0)).join(','))
  }
  return `${lines.join('\n')}\n`
}

/** A field by RFC 4180: quoted where it holds a comma, a quote or a line end. */
export function csvField(value: string | number): string {
  if (typeof value === 'number') return csvNumber(value)
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** At most three decimals: means over an interval are not known better. No limit is empty. */
function csvNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toFixed(3))) : ''
}
