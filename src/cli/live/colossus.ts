import { relative, resolve } from 'node:path'
import { formatCount, fromHours } from '../../base/units.ts'
import { readFactory } from '../../run/factory-file.ts'
import { twinKind } from '../../run/live/twin.ts'
import { ROOT } from '../../run/root.ts'
import { readTrace } from '../../traces/read.ts'
import { parseScale, type ScaledTrace } from '../../traces/scale.ts'
import type { Site } from './site.ts'

/** The steady parts of both traces, as `millrace demo` has them. */
const TRACES = [
  { format: 'philly', file: 'examples/traces/philly.csv.gz', scale: 'copies=8,jitter=6h,skip=20d' },
  { format: 'kalos', file: 'examples/traces/kalos.csv.gz', scale: 'copies=760,jitter=4d,skip=11d' },
] as const

/** A day of the factory in a minute of ours. */
const DAY_A_MINUTE = 1440

/** It begins full: the first days of the traces are played as fast as can be, half a minute. */
const HEAD_START_MS = fromHours(8 * 24)

/** The Colossus example on the twin, a day a minute, fed from real traces again and again. */
export async function colossusSite(seed: number): Promise<Site> {
  const place = (path: string) => relative(process.cwd(), resolve(ROOT, path))
  const { plant, document } = readFactory(place('examples/colossus/factory.yaml'))
  const queues = plant.queues.map((queue) => queue.name)
  const traces: ScaledTrace[] = []
  for (const { format, file, scale } of TRACES) {
    traces.push({ trace: await readTrace(format, place(file), queues), scale: parseScale(scale) })
  }
  return {
    name: 'colossus', plant, document, seed, pace: DAY_A_MINUTE,
    headStartMs: HEAD_START_MS,
    policies: {
      order: 'fifo', backfill: 'easy', place: 'pack', preempt: 'reclaim', power: 'price',
    },
    engine: () => twinKind(traces, seed, true),
    says: [`the twin of ${formatCount(plant.gpus)} GPUs in Memphis, a day a minute, on the jobs of `
      + 'real traces; its first days are played in half a minute'],
  }
}
