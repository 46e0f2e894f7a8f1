import { join } from 'node:path'
import { InputError } from '../../model/index.ts'
import type { PolicyNames } from '../../policies/policy.ts'
import { readFactory } from '../../run/factory-file.ts'
import { describeHere, type Here } from '../../run/live/here.ts'
import { localKind } from '../../run/live/local.ts'
import { ROOT } from '../../run/root.ts'
import { suppliesSaid } from '../../run/supply-said.ts'
import type { Site } from './site.ts'

const BIN = join(ROOT, 'bin', 'millrace.mjs')

export type HereOptions = {
  /** The operator's word that caps may be set on this machine's devices. */
  readonly isCapped: boolean
  readonly policies: PolicyNames
  readonly seed: number
  /** A factory file that describes it; undefined: as it is found. */
  readonly file: string | undefined
  readonly name: string | undefined
}

/** This machine, whose jobs are real processes. Asks its tools what it has, and sets nothing. */
export async function hereSite(options: HereOptions): Promise<Site> {
  const { isCapped, policies, seed, file, name } = options
  const here = await describeHere(isCapped)
  const { plant, document } = file === undefined ? here : readFactory(file)
  const { devices, knob } = here
  return {
    name: name ?? plant.name, plant, document, policies, seed, pace: 1,
    engine: (folder) => localKind({ folder, devices, ...knobOf(here) }),
    says: ['this machine, whose jobs are real processes',
      ...file === undefined ? here.says : [knob.says, ...suppliesSaid(plant, false)]],
  }
}

/** A program that sets one cap: supervisors call it, also when no server is left. */
function knobOf({ knob, devices }: Here) {
  if (!knob.canSet) return {}
  const tool = devices === 'rocm' ? 'amd-smi' : 'nvidia-smi'
  const argv = [process.execPath, BIN, 'set-cap', tool, '{device}', '{watts}']
  return { knob: { argv, ids: knob.ids, leastW: knob.leastW } }
}

export function readCaps(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on'
  throw new InputError(`--caps ${text}: use on or off.`)
}
