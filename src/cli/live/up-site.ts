import { formatCount } from '../../base/units.ts'
import { InputError } from '../../model/index.ts'
import type { PolicyNames } from '../../policies/policy.ts'
import { readFactory } from '../../run/factory-file.ts'
import { twinKind } from '../../run/live/twin.ts'
import { suppliesSaid } from '../../run/supply-said.ts'
import { readTrace } from '../../traces/read.ts'
import type { Scale, ScaledTrace } from '../../traces/scale.ts'
import { readChoice, type TraceOption } from '../options.ts'
import { hereSite, readCaps } from './here-site.ts'
import type { Site } from './site.ts'
import type { UpFlags } from './up.ts'

export type Wanted = {
  readonly file: string | undefined
  readonly flags: UpFlags
  readonly seed: number
  readonly wanted: readonly TraceOption[]
  readonly scaleOf: (format: string) => Scale
  readonly policies: PolicyNames
}

/** A pace at which a year takes five minutes. */
const PACE_MOST = 100_000

/** The one factory of `up`: of a file, or this machine. */
export async function fileSite(given: Wanted): Promise<Site> {
  const { file, flags } = given
  const engine = readChoice('--engine', flags.engine ?? (file === undefined ? 'local' : 'twin'),
    ['local', 'twin'])
  if (engine === 'twin') return twinSite(given)
  const { policies, seed, wanted } = given
  if (flags.pace !== '1' || wanted.length > 0) {
    throw new InputError('--pace and --trace are for the twin: jobs of this machine are real ones. '
      + 'Leave them out, or say --engine twin.')
  }
  return hereSite({ isCapped: readCaps(flags.caps), policies, seed, file, name: flags.name })
}

async function twinSite(given: Wanted): Promise<Site> {
  const { file, flags, seed, wanted, scaleOf, policies } = given
  if (file === undefined) {
    throw new InputError('--engine twin: name the factory file that it is to be, such as '
      + 'examples/two-sites/factory.yaml.')
  }
  const { plant, document } = readFactory(file)
  const pace = paceOf(flags.pace)
  const queues = plant.queues.map((queue) => queue.name)
  const traces: ScaledTrace[] = []
  for (const { format, path } of wanted) {
    traces.push({ trace: await readTrace(format, path, queues), scale: scaleOf(format) })
  }
  const fed = traces.length === 0 ? '' : ', on jobs of traces'
  return {
    name: flags.name ?? plant.name, plant, document, policies, seed, pace,
    engine: () => twinKind(traces, seed, flags.failures),
    says: [`the twin of ${formatCount(plant.gpus)} GPUs, ${pace === 1 ? 'as fast as the clock'
      : `${formatCount(pace)} times as fast as the clock`}${fed}`, ...suppliesSaid(plant, true)],
  }
}

function paceOf(text: string): number {
  const pace = Number(text)
  if (pace > 0 && pace <= PACE_MOST) return pace
  throw new InputError(`--pace ${text}: use a number above 0, at most ${formatCount(PACE_MOST)}.`)
}
