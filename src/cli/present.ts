import { relative } from 'node:path'
import type { Plant } from '../model/index.ts'
import type { TwinResult } from '../run/compose.ts'
import { describePlant } from '../run/factory-file.ts'
import type { Output } from '../run/output.ts'
import { powerCsv } from '../run/report/csv.ts'
import { renderReport } from '../run/report/page.ts'
import { renderSummary } from '../run/report/terminal.ts'
import { print } from './print.ts'

/** Writes what a run leaves, but jobs.csv and the journal, which were written as it went. */
export function keep(output: Output, { summary, series }: TwinResult, plant: Plant): void {
  output.file('summary.json', `${JSON.stringify(summary, undefined, 2)}\n`)
  output.file('power.csv', powerCsv(series))
  output.file('report.html', renderReport(summary, series, describePlant(plant)))
  output.finish()
}

/** Tells a person how the run went, and where its report is. */
export function tell({ summary }: TwinResult, output: Output | undefined): void {
  const { stdout } = process
  const width = stdout.columns ?? 80
  print(renderSummary(summary, { width, color: stdout.isTTY && !process.env['NO_COLOR'] }))
  if (output === undefined) return
  const report = `${output.folder}/report.html`
  const near = relative(process.cwd(), report)
  print(`\nReport: ${near.startsWith('..') ? report : near}\n`)
}
