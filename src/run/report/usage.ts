import { formatCount, formatRatio } from '../../base/units.ts'
import type { QueueUsage, Summary } from '../summary.ts'
import { escapeHtml, oneLine } from './escape.ts'
import { energy, share } from './figures.ts'
import { waitText } from './waits.ts'

/** Queues that a terminal shows; all are in the report and in summary.json. */
const QUEUES_MOST = 20

/** Columns that a name may take there. */
const NAME_MOST = 18

/** Who used the factory, as cells of a terminal: nothing where there is only one queue. */
export function usageCells(summary: Summary): string[][] {
  const { usage } = summary
  if (usage.length < 2) return []
  const rows = usage.slice(0, QUEUES_MOST).map((row) => [
    cut('  '.repeat(depthOf(usage, row)) + oneLine(row.queue)), formatCount(row.gpuHours),
    energy(row.energyMWh), formatRatio(row.shareRatio), formatRatio(row.weightRatio),
  ])
  const left = usage.length - rows.length
  return [
    ['queue', 'GPU-h', 'energy', 'share', 'weight'],
    ...rows,
    ...(left > 0 ? [[`${formatCount(left)} more`, '', '', '', '']] : []),
    ['unassigned', '', energy(summary.unassignedMWh), '', ''],
  ]
}

/** The same with every queue and column, as a table of the report. */
export function usageTable(summary: Summary): string {
  const { usage } = summary
  const rows = usage.map((row) => line([
    '\u2003'.repeat(depthOf(usage, row)) + oneLine(row.queue), formatCount(row.gpuHours),
    formatRatio(share(row.usefulGpuHours, row.gpuHours)), formatCount(row.coreHours),
    energy(row.energyMWh), formatCount(row.completed), waitText(row.meanWaitMs),
    formatRatio(row.shareRatio), formatRatio(row.weightRatio),
  ]))
  const heads = HEADS.map((head, at) =>
    `<th scope="col"${at === 0 ? '' : ' class="number"'}>${head}</th>`)
  return '<p>A queue counts with all below it. Share is its part of what it and its siblings used,'
    + ' and weight its part of their weights: fair share keeps the two together.</p>'
    + '<div class="wide"><table class="usage"><caption>Use by queue</caption>'
    + `<thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('\n')}
${only('unassigned', summary.unassignedMWh)}
${only('in all', summary.energyMWh)}</tbody></table></div>`
}

const HEADS = ['Queue', 'GPU-hours', 'useful', 'Core-hours', 'Energy', 'Completed', 'Mean wait',
  'Share', 'Weight'] as const

/** How many queues are above one. */
function depthOf(usage: readonly QueueUsage[], { parent }: QueueUsage): number {
  const above = usage.find((row) => row.queue === parent)
  return above === undefined ? 0 : 1 + depthOf(usage, above)
}

/** A row of energy alone. */
function only(name: string, megawattHours: number): string {
  return line([name, '', '', '', energy(megawattHours), '', '', '', ''])
}

function line([name, ...cells]: readonly string[]): string {
  return `<tr><th scope="row">${escapeHtml(name!)}</th>`
    + `${cells.map((cell) => `<td class="number">${escapeHtml(cell)}</td>`).join('')}</tr>`
}

function cut(name: string): string {
  return name.length <= NAME_MOST ? name : `${name.slice(0, NAME_MOST - 1)}…`
}
