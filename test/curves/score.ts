// How well a curve says what was measured at a cap that it was not told of: each point in turn is
// left out and predicted from the others. The clock of other devices is the H100's, scaled.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Catalogue } from '../../src/catalog/catalogue.ts'
import { clockLaw, throughputLaw } from '../../src/catalog/measured.ts'
import type { MeasuredPoints } from '../../src/catalog/measured.ts'

/** Points of one job, and the device that they were measured on. */
export type Sweep = {
  readonly name: string
  readonly points: MeasuredPoints
  readonly idleW: number
  readonly ratedW: number
}

/** Errors as a share of what was measured: of the caps between others, and of the ends. */
export type Score = { readonly inner: readonly number[], readonly ends: readonly number[] }

export function scoreOf(sweeps: readonly Sweep[], { curves, devices }: Catalogue): Score {
  const inner: number[] = []
  const ends: number[] = []
  const { numbers } = devices.find((device) => device.name === curves.reference)!
  for (const { points, idleW, ratedW } of sweeps) {
    const scale = (ratedW - idleW) / (numbers.ratedW.value - numbers.idleW.value)
    const onto = (watts: number) => idleW + (watts - numbers.idleW.value) * scale
    const clockAt = clockLaw({
      clock: curves.clock.clock, capW: curves.clock.capW.map(onto), idleW })
    points.capW.forEach((cap, at) => {
      const told = without(points, at)
      const error = throughputLaw(told, clockAt)(cap) / points.throughput[at]! - 1
      const isEnd = at === 0 || at === points.capW.length - 1
      ;(isEnd ? ends : inner).push(Math.abs(error))
    })
  }
  return { inner, ends }
}

function without({ capW, throughput, drawW }: MeasuredPoints, left: number): MeasuredPoints {
  const rest = (values: readonly number[]) => values.filter((_, at) => at !== left)
  return { capW: rest(capW), throughput: rest(throughput), drawW: drawW && rest(drawW) }
}

/** Between the two nearest, as usual. */
export function quantileOf(errors: readonly number[], share: number): number {
  const sorted = errors.toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below)
}

/** The published H100 tables: LLaMA pre-training and ViT training. */
export function h100Sweeps({ curves, devices }: Catalogue): Sweep[] {
  const { numbers } = devices.find((device) => device.name === 'H100')!
  return ['compute', 'vision'].map((name) => ({
    name: `H100 ${name}`,
    points: curves.classes.find((one) => one.name === name)!.byDevice['H100']!,
    idleW: numbers.idleW.value,
    ratedW: numbers.ratedW.value,
  }))
}

/** The logs of Zeus: throughput is epochs a second, one sweep for each configuration. */
export function zeusSweeps(device: 'v100' | 'rtx6000'): Sweep[] {
  // Idle of the V100 as in the catalogue; of the RTX 6000 the H100's share of the rating, a guess.
  const [idleW, ratedW] = device === 'v100' ? [70, 250] : [27, 260]
  return sweepsOf(`powercap-${device}`, 4, [4, 5, 6], (time) => 1 / time)
    .map((sweep) => ({ ...sweep, idleW, ratedW }))
}

/** Eight jobs on A100. */
export function emeraldSweeps(): Sweep[] {
  return sweepsOf('emerald-dvfs-sweep', 1, [1, 4, 5], (speed) => speed)
    .map((sweep) => ({ ...sweep, idleW: 53.7, ratedW: 400 }))
}

/** Rows with the same first `keys` columns are a sweep; fewer than 4 caps are none. */
function sweepsOf(
  file: string, keys: number, [cap, value, draw]: readonly [number, number, number],
  throughputOf: (value: number) => number,
): Pick<Sweep, 'name' | 'points'>[] {
  const rows = new Map<string, [number, number, number][]>()
  for (const line of linesOf(file)) {
    const cells = line.split(',')
    const name = cells.slice(0, keys).join(' ')
    const row = [cap, value, draw].map((column) => Number(cells[column]))
    const found = rows.get(name) ?? []
    found.push([row[0]!, throughputOf(row[1]!), row[2]!])
    rows.set(name, found)
  }
  return [...rows].flatMap(([name, points]) => {
    if (points.length < 4) return []
    const sorted = points.toSorted((a, b) => a[0] - b[0])
    return [{ name, points: { capW: sorted.map(([watts]) => watts),
      throughput: sorted.map(([, speed]) => speed), drawW: sorted.map(([, , watts]) => watts) } }]
  })
}

function linesOf(name: string): string[] {
  const path = join(import.meta.dirname, '..', 'fixtures', 'power', `${name}.csv.gz`)
  return gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1)
}
