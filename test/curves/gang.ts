// The draw of 8 nodes of 8 H100 as the readings of one node say, beside what was metered. Of the
// runs on 8 nodes only their length is used: no reading of power.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { gangMean, gangStep, scalingEfficiency } from '../../src/training/gang-draw.ts'
import { quantileOf } from './score.ts'

export const BENCHMARKS = ['llama2_70b_lora', 'resnet', 'ssd'] as const

const NODES = 8

export type GangScore = {
  readonly efficiency: number
  /** Watts a node. */
  readonly meanW: { readonly alone: number, readonly predicted: number, readonly measured: number }
  /** Of the steps between two readings, the 99th percentile, a node. */
  readonly stepW: { readonly alone: number, readonly predicted: number, readonly measured: number }
}

export function gangScore(benchmark: (typeof BENCHMARKS)[number]): GangScore {
  const alone = readings('smc-1-node', benchmark)
  const gang = readings('smc-8-nodes', benchmark).map((run) => run.map((watts) => watts / NODES))
  const aloneS = meanOf(lengths(benchmark, 1))
  const gangS = meanOf(lengths(benchmark, NODES))
  const efficiency = scalingEfficiency(aloneS, gangS, NODES)
  const waitW = meanOf(alone.map((run) => Math.min(...run)))
  const meanW = meanOf(alone.map(meanOf))
  const steps = alone.flatMap(stepsOf)
  return {
    efficiency,
    meanW: { alone: meanW, predicted: gangMean({ meanW, waitW }, efficiency),
      measured: meanOf(gang.map(meanOf)) },
    stepW: { alone: quantileOf(steps, 0.99),
      predicted: gangStep(steps, 0.01, efficiency, gangS / aloneS),
      measured: quantileOf(gang.flatMap(stepsOf), 0.99) },
  }
}

function stepsOf(watts: readonly number[]): number[] {
  return watts.slice(1).map((each, at) => Math.abs(each - watts[at]!))
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Readings by run, about 2 s apart. */
function readings(file: string, benchmark: string): number[][] {
  const runs: number[][] = []
  for (const line of gunzipSync(readFileSync(pathOf(`${file}.csv.gz`))).toString().split('\n')) {
    const [name, run, watts] = line.split(',')
    if (name === benchmark) (runs[Number(run)] ??= []).push(Number(watts))
  }
  return runs
}

function lengths(benchmark: string, nodes: number): number[] {
  return readFileSync(pathOf('smc-runs.csv'), 'utf8').split('\n').flatMap((line) => {
    const [name, count, , seconds] = line.split(',')
    return name === benchmark && Number(count) === nodes ? [Number(seconds)] : []
  })
}

function pathOf(name: string): string {
  return join(import.meta.dirname, '..', 'fixtures', 'power', name)
}
