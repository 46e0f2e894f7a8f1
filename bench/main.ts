/** `npm run bench`: measures every figure, each beside its goal. See docs/benchmarks.md. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { calibrate } from './calibration.ts'
import { median, verdictOf, type Figure, type Row } from './figure.ts'
import { FIGURES } from './index.ts'
import { printProfile } from './profile.ts'
import { head, lineOf } from './table.ts'

/** Longer than any figure takes on a slow machine: beyond it something hangs. */
const FIGURE_LIMIT_MS = 600_000

/** Figures start from compiled code, as the command does that people run. */
const COMPILED = join(tmpdir(), 'millrace-bench-compiled')

const CHILD = join(import.meta.dirname, 'child.ts')

main()

function main(): void {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      list: { type: 'boolean' },
      profile: { type: 'string' },
    },
  })
  if (values.list === true) return printList()
  if (values.profile !== undefined) return printProfile(find(values.profile), CHILD)
  const figures = values.only === undefined ? FIGURES : values.only.map(find)
  const rows = measure(figures)
  if (values.json !== undefined) writeFileSync(values.json, jsonOf(rows))
  const missed = rows.filter((row) => verdictOf(row) === 'missed')
  if (missed.length === 0) return
  console.log(`\nMissed by more than a quarter: ${missed.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}

function printList(): void {
  for (const { name, summary } of FIGURES) console.log(`${name.padEnd(16)}${summary}`)
}

function find(name: string): Figure {
  const found = FIGURES.find((figure) => figure.name === name)
  if (found !== undefined) return found
  console.error(`there is no figure ${name}; ${FIGURES.map((each) => each.name).join(', ')} are`)
  process.exit(2)
}

/** Runs the figures in turn, with the calibration kernel before and after each. */
function measure(figures: readonly Figure[]): Row[] {
  console.log(head())
  const kernelMs = [calibrate(), calibrate()]
  const rows: Row[] = []
  for (const figure of figures) {
    const beforeMs = kernelMs.at(-1)!
    const found = runChild(figure)
    kernelMs.push(calibrate())
    const aroundMs = (beforeMs + kernelMs.at(-1)!) / 2
    for (const row of found) {
      rows.push(row.isCpu ? withCalibration(row, aroundMs) : row)
      console.log(lineOf(rows.at(-1)!))
    }
  }
  const row: Row = {
    name: 'calibration', value: median(kernelMs.slice(1)), unit: 'CPU ms', goal: { none: true },
    isCpu: false,
    detail: { leastMs: Math.min(...kernelMs.slice(1)), mostMs: Math.max(...kernelMs.slice(1)) },
  }
  console.log(lineOf(row))
  return [row, ...rows]
}

function runChild(figure: Figure): Row[] {
  const child = spawnSync(process.execPath, [CHILD, figure.name], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: FIGURE_LIMIT_MS,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  })
  if (child.status !== 0) {
    throw new Error(`${figure.name} left with ${child.status ?? child.signal}`)
  }
  return JSON.parse(child.stdout) as Row[]
}

/** The row with its time as a ratio to that of the kernel, or what is done while that runs. */
function withCalibration(row: Row, kernelMs: number): Row {
  const isRate = 'least' in row.goal
  const unitMs = row.unit.endsWith('ns') ? 1e-6 : row.unit.endsWith('ms') ? 1 : 1e3
  const perCalibration = isRate ? (row.value * kernelMs) / 1e3 : (row.value * unitMs) / kernelMs
  return { ...row, detail: { ...row.detail, perCalibration } }
}

/** `ok` tells whether the goal is met; a near miss is not ok and does not fail the run. */
function jsonOf(rows: readonly Row[]): string {
  const list = rows.map((row) => {
    const { name, value, unit, goal, detail } = row
    const bound = 'most' in goal ? goal.most : 'least' in goal ? goal.least : null
    const ok = ['met', ''].includes(verdictOf(row))
    return { name, value, unit, goal: bound, ok, detail }
  })
  return `${JSON.stringify(list, null, 2)}\n`
}
