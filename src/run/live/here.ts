import { availableParallelism, hostname, totalmem } from 'node:os'
import { loadCatalogue, type Catalogue, type CatalogueDevice } from '../../catalog/catalogue.ts'
import { resolvePlant } from '../../catalog/plant.ts'
import type { DeviceKind } from '../../engines/local/order.ts'
import { amdMeter } from '../../engines/power/amd.ts'
import { capKnob, type PowerKnob } from '../../engines/power/knob.ts'
import { nvidiaMeter } from '../../engines/power/nvidia.ts'
import { raplMeter } from '../../engines/power/rapl.ts'
import type { DeviceReading, PowerMeter } from '../../engines/power/reading.ts'
import { InputError, type Plant } from '../../model/index.ts'
import type { FactoryDocument } from '../../model/schema.ts'
import { CORES } from './cores.ts'

/** This machine as a factory: one node of one rack at one site. */

/** What was found of a machine. */
export type Machine = {
  readonly cores: number
  readonly memoryBytes: number
  readonly gpus: readonly Pick<DeviceReading, 'name' | 'defaultCapW' | 'leastCapW' | 'mostCapW'>[]
  /** Rating of its processors as they say themselves; 0 where they do not. */
  readonly processorsW: number
}

export type Here = {
  readonly document: FactoryDocument
  readonly plant: Plant
  readonly devices: DeviceKind
  readonly knob: PowerKnob
  /** What it is taken to be, and what of that is a guess: a line each, for people. */
  readonly says: readonly string[]
}

/** Devices of a node are bits of a mask; a group of cores more would tell nobody anything. */
const GROUPS_MOST = 16
const GPUS_MOST = 32

/** The server of the catalogue whose draw per core stands in where a machine does not say. */
const STAND_IN = 'cpu-node'

/**
 * Looks at this machine. Asks its tools what they have, each for a few seconds at most, and sets
 * nothing. `isCapped` is the operator's word that caps may be set on its devices.
 */
export async function describeHere(isCapped: boolean): Promise<Here> {
  const [nvidia, amd] = await Promise.all([nvidiaMeter(), amdMeter()])
  const meter = await answering([nvidia, amd])
  const gpus = meter === undefined ? [] : (await meter.read()).devices
  const rapl = await raplMeter()?.read()
  const processorsW = rapl?.devices
    .filter(({ id }) => id.startsWith('package'))
    .reduce((sum, { mostCapW, capW }) => sum + (mostCapW || capW || 0), 0) ?? 0
  const machine = {
    cores: availableParallelism(), memoryBytes: totalmem(), gpus, processorsW,
  }
  const catalogue = loadCatalogue()
  const { document, says } = factoryOf(machine, catalogue)
  const { plant, problems } = resolvePlant(document, catalogue)
  if (plant === undefined || problems.length > 0) {
    throw new InputError(`This machine is no factory as it was found: ${
      problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}. `
      + 'Describe it in a factory file and name that.')
  }
  const knob = await capKnob(gpus.length > 0 ? meter : undefined, isCapped)
  const devices = gpus.length === 0 ? 'cores' : meter?.tool === 'amd-smi' ? 'rocm' : 'cuda'
  return { document, plant, devices, knob, says: [...says, knob.says] }
}

/** The first meter that names a device. */
async function answering(
  meters: readonly (PowerMeter | undefined)[]): Promise<PowerMeter | undefined> {
  for (const meter of meters) {
    if (meter !== undefined && (await meter.read()).devices.length > 0) return meter
  }
  return undefined
}

/** The factory file that describes a machine, and what of it is a guess. */
export function factoryOf(
  machine: Machine, catalogue: Catalogue,
): { readonly document: FactoryDocument, readonly says: readonly string[] } {
  const { cores, memoryBytes } = machine
  const says: string[] = []
  const host = hostOf(machine, catalogue, says)
  const part = machine.gpus.length > 0 ? gpuPart(machine, catalogue, says)
    : corePart(cores, host, says)
  const memoryGiB = Math.max(1, Math.floor(memoryBytes / 2 ** 30))
  const besides = machine.gpus.length > 0 ? host : { idleW: 0, ratedW: 0 }
  const device = part.document
  const system = {
    name: 'machine', device: device.name, gpus: part.count, cpus: cores, memoryGiB,
    idle: watts(besides.idleW + part.count * part.idleW),
    rated: watts(besides.ratedW + part.count * part.ratedW),
  }
  return {
    document: {
      name: 'here',
      description: `The machine ${hostname()}, as it was found.`.slice(0, 200),
      devices: [device],
      systems: [system],
      sites: [{ name: 'here', racks: [{ system: system.name, nodes: 1 }] }],
      failures: 'none',
      // Pausing is a signal to processes; caps go through a tool of the vendor.
      power: { capDelay: '5s' },
    },
    says: [`${cores} cores and ${memoryGiB} GiB of memory`, ...says],
  }
}

type Draw = { readonly idleW: number, readonly ratedW: number }

type Part = Draw & {
  readonly count: number
  readonly document: NonNullable<FactoryDocument['devices']>[number]
}

/** Draw of the processors and all else but GPUs. */
function hostOf({ cores, processorsW }: Machine, catalogue: Catalogue, says: string[]): Draw {
  const { numbers } = catalogue.systems.find(({ name }) => name === STAND_IN)!
  const idleRatio = numbers.idleW.value / numbers.ratedW.value
  const perCoreW = numbers.ratedW.value / numbers.cpus.value
  const ratedW = processorsW > 0 ? processorsW : cores * perCoreW
  says.push(processorsW > 0
    ? `its processors are rated ${Math.round(processorsW)} W, as they say; what they draw idle is `
      + 'a guess'
    : `what its processors draw is a guess, ${perCoreW.toFixed(1)} W a core, as servers of the `
      + 'catalogue draw')
  return whole(ratedW * idleRatio, ratedW)
}

function gpuPart({ gpus }: Machine, catalogue: Catalogue, says: string[]): Part {
  const [first] = gpus
  const { name } = first!
  const alike = gpus.filter((gpu) => gpu.name === name).slice(0, GPUS_MOST)
  const known = deviceNamed(name, catalogue)
  const mostW = first!.defaultCapW || first!.mostCapW || known?.numbers.ratedW.value || 0
  if (!(mostW > 0)) {
    throw new InputError(`Nothing says what a ${name} draws at most: neither its tool nor the `
      + 'catalogue. Describe this machine in a factory file, with the device under devices.')
  }
  // Where the catalogue does not have it, it is taken to idle as the reference device does.
  const like = known ?? catalogue.devices.find((one) => one.name === catalogue.curves.reference)!
  const share = like.numbers.idleW.value / like.numbers.ratedW.value
  const { idleW, ratedW } = whole(
    known === undefined ? mostW * share : Math.min(like.numbers.idleW.value, mostW / 2), mostW)
  const leastW = Math.ceil(first!.leastCapW)
  const pausedRatio = catalogue.curves.pausedW[like.name]!.value / like.numbers.ratedW.value
  const pausedW = Math.min(ratedW - 1, Math.max(idleW, Math.round(pausedRatio * ratedW)))
  says.push(`${alike.length} ${name}, rated ${ratedW} W each`
    + (known === undefined ? '; the catalogue does not have it, so what it draws idle is a guess'
      : `, in the catalogue as ${known.name}`))
  if (alike.length < gpus.length) {
    says.push(`${gpus.length - alike.length} other GPUs of it are left out: a node has one kind`)
  }
  const speed = known === undefined ? undefined
    : catalogue.speeds.classes[0]!.byDevice[known.name]?.value
  return {
    count: alike.length, idleW, ratedW,
    document: {
      name: known?.name ?? (name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60) || 'gpu'),
      idle: watts(idleW), rated: watts(ratedW), paused: watts(pausedW),
      ...(leastW > idleW + 1 && leastW <= ratedW && { minCap: watts(leastW) }),
      ...(speed !== undefined && { speed }),
    },
  }
}

/** "NVIDIA H100 80GB HBM3" is an H100: the longest name of the catalogue that is a word of it. */
function deviceNamed(name: string, catalogue: Catalogue): CatalogueDevice | undefined {
  const words = new Set(name.toUpperCase().split(/[^A-Z0-9]+/))
  return catalogue.devices.filter((one) => words.has(one.name.toUpperCase()))
    .toSorted((a, b) => b.name.length - a.name.length)[0]
}

function corePart(cores: number, host: Draw, says: string[]): Part {
  const each = Math.ceil(cores / GROUPS_MOST)
  const count = Math.floor(cores / each)
  says.push(`no GPUs: jobs ask for cores, ${each === 1 ? 'one by one' : `in groups of ${each}`}; `
    + 'such a job takes no cap, and pausing is all that lowers its draw')
  const { idleW, ratedW } = whole(host.idleW / count, host.ratedW / count)
  return {
    count, idleW, ratedW,
    document: { name: CORES, idle: watts(idleW), rated: watts(ratedW), minCap: watts(ratedW) },
  }
}

function watts(value: number): string {
  return `${value} W`
}

/** Whole watts with at least one between idle and the rating: what is charged for a job. */
function whole(idleW: number, ratedW: number): Draw {
  const idle = Math.floor(idleW)
  return { idleW: idle, ratedW: Math.max(idle + 1, Math.ceil(ratedW)) }
}
