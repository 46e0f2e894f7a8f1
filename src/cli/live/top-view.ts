import { formatCount, formatDuration, formatPower, formatRatio } from '../../base/units.ts'
import type { Factory, Feeder, Job } from '../../api/client.ts'
import { table, type Column } from './table.ts'
import type { Looks } from './terminal.ts'
import { cut, shown } from './text.ts'
import { shownWhen } from './when.ts'

/** What `top` shows of one factory at a moment. */
export type TopView = {
  readonly factory: Factory
  /** The sites' feeders, then those whose grants come nearest to their limits. */
  readonly feeders: readonly Feeder[]
  readonly jobs: readonly Job[]
  /** '' while the server answers; else since when it does not. */
  readonly stale: string
}

const BAR = 30
const FEEDERS_MOST = 6

/** The lines of a screen of that many columns and rows; Infinity where it is no screen. */
export function topLines(view: TopView, columns: number, rows: number, looks: Looks): string[] {
  const { factory, stale } = view
  const bold = (text: string) => looks.isColour ? `\x1b[1m${text}\x1b[0m` : text
  const alarm = (text: string) => looks.isColour ? `\x1b[7m${text}\x1b[0m` : text
  const nowMs = Date.parse(factory.at)
  const pace = factory.pace === 1 ? '' : `, ${formatCount(factory.pace)} times as fast`
  const head = `${factory.name}  ${shownWhen(nowMs, nowMs)}  engine ${factory.engine}${pace}`
  const problem = stale !== '' ? stale : factory.health.problem
  const lines = [
    bold(cut(head, columns)),
    ...problem === '' ? [] : [alarm(cut(shown(problem), columns))],
    ...sums(factory, looks).map((line) => cut(line, columns)), '',
  ]
  const feeders = textLines(table(FEEDERS, view.feeders.slice(0, FEEDERS_MOST), columns), bold)
  const jobs = textLines(table(jobColumns(nowMs), view.jobs, columns), bold)
  const left = rows - lines.length - feeders.length - 2
  const cutJobs = jobs.slice(0, Math.max(left, 0))
  const more = jobs.length - cutJobs.length
  const foot = more > 0 ? `… and ${more} more; make the window larger, or millrace queue` : ''
  return [...lines, ...feeders, '', ...cutJobs, ...foot === '' ? [] : [cut(foot, columns)]]
    .slice(0, Number.isFinite(rows) ? rows : undefined)
}

function textLines(text: string, bold: (text: string) => string): string[] {
  const [head, ...rest] = text.trimEnd().split('\n')
  return [bold(head!), ...rest]
}

function sums({ gpus, power, jobs, nodes }: Factory, looks: Looks): string[] {
  const busy = gpus.total === 0 ? 0 : gpus.busy / gpus.total
  const used = power.limitW === 0 ? 0 : power.grantW / power.limitW
  const meter = power.meterW === null ? '' : `, metered ${formatPower(power.meterW)}`
  const target = power.targetW === null ? '' : `, asked to draw ${formatPower(power.targetW)}`
  return [
    `GPUs   ${bar(busy, looks)} ${formatRatio(busy).padStart(7)}  ${formatCount(gpus.busy)} of ${
      formatCount(gpus.total)} at work, ${formatCount(gpus.waiting)} waited for`,
    `Power  ${bar(used, looks)} ${formatRatio(used).padStart(7)}  ${formatPower(power.grantW)} of ${
      formatPower(power.limitW)} granted, ${formatPower(power.drawW)} expected${meter}${target}`,
    `Jobs   ${formatCount(jobs.running)} run (${formatCount(jobs.capped)} below their rating), ${
      formatCount(jobs.pending)} wait, ${formatCount(jobs.seen)} came so far`,
    `Nodes  ${formatCount(nodes.total)}, of which ${formatCount(nodes.down)} are down and ${
      formatCount(nodes.drained)} drained`,
  ]
}

function bar(ratio: number, { isUnicode }: Looks): string {
  const full = Math.round(Math.min(Math.max(ratio, 0), 1) * BAR)
  const [on, off] = isUnicode ? ['█', '░'] : ['#', '.']
  return on.repeat(full) + off.repeat(BAR - full)
}

const FEEDERS: readonly Column<Feeder>[] = [
  { head: 'FEEDER', mayCut: true, of: ({ name }) => name },
  { head: 'LIMIT', align: 'right', of: ({ limitW }) => formatPower(limitW) },
  { head: 'GRANTED', align: 'right', of: ({ grantW }) => formatPower(grantW) },
  { head: 'EXPECTED', align: 'right', of: ({ drawW }) => formatPower(drawW) },
  { head: 'USED', align: 'right', of: ({ grantW, limitW }) =>
    limitW === 0 ? '' : formatRatio(grantW / limitW) },
]

/** Columns of a list of jobs, as `queue` and `top` have it. */
export function jobColumns(nowMs: number): readonly Column<Job>[] {
  return [
    { head: 'JOB', align: 'right', of: ({ number }) => `${number}` },
    { head: 'NAME', mayCut: true, of: ({ name, number }) => name === `${number}` ? '' : name },
    { head: 'QUEUE', mayCut: true, of: ({ queue }) => queue },
    { head: 'OWNER', mayCut: true, of: ({ owner }) => owner },
    { head: 'STATE', of: ({ phase, isHeld, outcome }) => isHeld ? 'held' : outcome ?? phase },
    { head: 'DEVICES', align: 'right', of: ({ gpus }) => formatCount(gpus) },
    { head: 'TIME', align: 'right', of: (job) => timeOf(job, nowMs) },
    { head: 'CAP', align: 'right', of: ({ capW }) => capW === null ? '' : formatPower(capW) },
    { head: 'WHERE OR WHY', mayCut: true, of: ({ pool, reason }) => reason?.sentence ?? pool },
  ]
}

/** How long it runs, or how long it has waited or ran. */
function timeOf({ submittedAt, startedAt, endedAt, phase }: Job, nowMs: number): string {
  const since = phase === 'pending' ? submittedAt : startedAt ?? submittedAt
  if (since === null) return ''
  const untilMs = endedAt === null ? nowMs : Date.parse(endedAt)
  return formatDuration(Math.max(0, untilMs - Date.parse(since)))
}
