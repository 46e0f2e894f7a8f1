import { powerUnit } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import { type FieldOf, readTable } from './columns.ts'
import { type Line, shown } from './line.ts'
import { readLines } from './lines.ts'
import { NodeSeries, sumOf } from './power-nodes.ts'
import { timeReader } from './power-time.ts'

export type PowerFile = {
  readonly trace: PowerTrace
  /** The column that was read, and the unit that its name or its lack says. */
  readonly column: string
  readonly unit: string
  readonly nodes: number
  readonly run: string
}

export type PowerChoice = {
  /** The power column, where the file has several. */
  readonly column?: string | undefined
  /** The run, where the file has several. */
  readonly run?: string | undefined
}

/** Two days of readings each 10 ms, in 0.3 GB. */
const MOST_LINES = 20_000_000

/**
 * Reads a power trace from CSV, plain or gzip: a column of times and one of power, found by their
 * names, and with columns `run` and `node` the sum of the nodes of one run. What is wrong is an
 * InputError "FILE:LINE: what was found; what would do". About a microsecond a row.
 */
export async function readPower(path: string, choice: PowerChoice = {}): Promise<PowerFile> {
  const series = new Map<string, NodeSeries>()
  const runs = new Set<string>()
  let power: PowerColumn = { name: '', field: -1, factor: 1, unit: 'W' }
  const take = readTable([], 'any', (fieldOf, header) => {
    power = powerColumn(header, choice.column)
    return rowTaker(header, fieldOf, power, choice.run, series, runs)
  })
  const lines = await readLines(path, take, MOST_LINES)
  const run = choice.run ?? [...runs][0] ?? ''
  checkRuns(path, runs, choice.run)
  const nodes = [...series.values()]
  if (nodes.every((node) => node.size < 2)) {
    throw new InputError(`${path}:${Math.max(1, lines)}: there are fewer than two readings; a head `
      + 'such as time_ms,power_w and a row for each reading would do')
  }
  return {
    trace: sumOf(nodes, path), column: power.name, unit: power.unit, nodes: nodes.length, run,
  }
}

function checkRuns(path: string, runs: ReadonlySet<string>, wanted: string | undefined): void {
  const names = [...runs].slice(0, MOST_SHOWN).join(', ')
  if (wanted !== undefined && !runs.has(wanted)) {
    throw new InputError(`${path}: ${runs.size === 0 ? 'it has no column run; leave --run out'
      : `it has no run ${shown(wanted)}; there are ${names}`}`)
  }
  if (wanted === undefined && runs.size > 1) {
    throw new InputError(`${path}: it holds ${runs.size} runs; choose one with --run: ${names}`)
  }
}

type PowerColumn = {
  readonly name: string
  readonly field: number
  readonly factor: number
  readonly unit: string
}

/** The column of the power: the one that was named, else the first of those that look like one. */
function powerColumn(header: Line, wanted: string | undefined): PowerColumn {
  const found: PowerColumn[] = []
  const names: string[] = []
  for (let field = 0; field < header.fields; field++) {
    const name = header.textAt(field)
    names.push(name)
    const unit = powerUnit(name)
    const isPower = unit !== undefined || /power|total|load|demand/i.test(name)
    if (isPower || name === wanted) {
      found.push({ name, field, factor: unit?.factor ?? 1, unit: unit?.name ?? 'W' })
    }
  }
  const named = wanted === undefined ? undefined : found.find(({ name }) => name === wanted)
  if (wanted !== undefined && named === undefined) {
    header.fail(`there is no column ${shown(wanted)}; the file has ${names.join(', ')}`)
  }
  const chosen = named ?? found.find(({ name }) => PREFERRED.includes(name.toLowerCase()))
    ?? (found.length === 1 ? found[0] : undefined)
  if (chosen !== undefined) return chosen
  return header.fail(found.length === 0
    ? `no column looks like a power; found ${shown(names.join(','))}, needed one such as power_w, `
      + 'power_kw, power_mw or total'
    : `several columns may be the power: ${found.map(({ name }) => name).join(', ')}; choose one `
      + 'with --column')
}

/** What the grid sees comes before what is behind a store; draw_w is in power.csv of a run. */
const PREFERRED = ['grid_w', 'grid_mw', 'power_w', 'power_kw', 'power_mw', 'draw_w', 'total']

const VOLTAGE = ['voltage_pu', 'v_pu', 'voltage']
const FREQUENCY = ['frequency_hz', 'f_hz', 'frequency']

const MOST_SHOWN = 8

function rowTaker(
  header: Line, fieldOf: FieldOf, power: PowerColumn, wanted: string | undefined,
  series: Map<string, NodeSeries>, runs: Set<string>,
): (line: Line) => void {
  const timeAt = timeReader(header)
  const runField = fieldOf('run')
  const nodeField = fieldOf('node')
  const anyOf = (names: readonly string[]) => names.map(fieldOf).find((field) => field >= 0) ?? -1
  let firstRun = ''
  const sides = [anyOf(VOLTAGE), anyOf(FREQUENCY)] as const
  return (line) => {
    if (runField >= 0) {
      const run = line.textAt(runField)
      if (runs.size === 0) firstRun = run
      runs.add(run)
      // Without a choice the first is read, and a second is told of at the end.
      if (run !== (wanted ?? firstRun)) return
    }
    const node = nodeField >= 0 ? line.textAt(nodeField) : ''
    let own = series.get(node)
    if (own === undefined) {
      if (series.size === MOST_NODES) line.fail(`more than ${MOST_NODES} nodes; sum them first`)
      own = new NodeSeries(sides)
      series.set(node, own)
    }
    own.add(line, timeAt(line), numberAt(line, power.field, power.name) * power.factor)
  }
}

const MOST_NODES = 10_000

function numberAt(line: Line, field: number, name: string): number {
  const value = line.numberAt(field)
  if (Number.isFinite(value)) return value
  return line.failOnField(field, name, 'write a number such as 1250.5')
}
