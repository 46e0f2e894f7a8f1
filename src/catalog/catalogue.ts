import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { InputError } from '../model/error.ts'
import type { FaultReach } from '../model/failure.ts'
import { readRules, ruleNumbers, type CatalogueRule } from './rules.ts'
import {
  about, EVIDENCE, readJson, sourced, SOURCED, sources, type Sourced, type Written,
} from './sourced.ts'
import { readCurves, type CatalogueCurves } from './curves.ts'
import { readSpeeds, type CatalogueSpeeds } from './speeds.ts'
import { readCooling, type CatalogueCooling } from './cooling.ts'
import { readPrices, readSupplies } from './supplies.ts'
import type { CataloguePrices, CatalogueSupply } from './supplies.ts'

/** What is known of hardware and its failures, each number with its source. */
export type Catalogue = {
  readonly devices: readonly CatalogueDevice[]
  readonly systems: readonly CatalogueSystem[]
  readonly failures: readonly CatalogueFailure[]
  readonly recovery: CatalogueRecovery
  readonly speeds: CatalogueSpeeds
  readonly curves: CatalogueCurves
  readonly rules: readonly CatalogueRule[]
  readonly supplies: readonly CatalogueSupply[]
  readonly prices: CataloguePrices
  readonly cooling: readonly CatalogueCooling[]
}

export type CatalogueDevice = {
  readonly name: string
  readonly vendor: string
  /** idleW, typicalW, ratedW, memoryBytes, …: see catalog/devices.json. */
  readonly numbers: Readonly<Record<DeviceNumber, Sourced>>
  /** Absent where the chip has none of it or nobody says. */
  readonly maybe: Readonly<Partial<Record<'minCapW' | 'fp8FlopPerS', Sourced>>>
}

export type CatalogueSystem = {
  readonly name: string
  /** Empty for a node without GPUs. */
  readonly device: string
  readonly linkDomain: 'node' | 'rack'
  readonly numbers: Readonly<Record<SystemNumber, Sourced>>
  readonly maybe: Readonly<Partial<Record<'measuredMaxW', Sourced>>>
}

export type CatalogueFailure = {
  readonly name: string
  readonly about: string
  readonly unit: 'device' | 'node' | 'rack' | 'feeder'
  readonly reach: FaultReach
  /** How often each cause was counted. */
  readonly faults: Readonly<Record<string, number>>
  readonly exposureUnits: Sourced
  readonly exposureDays: Sourced
  /** All causes over the exposure. */
  readonly perUnitDay: Sourced
  readonly repairHours: readonly [Sourced, Sourced]
  /** Speed of a job that it slows, 0 to 1; 1 where it slows none. */
  readonly slowRatio: Sourced
}

const DEVICE_NUMBERS = ['idleW', 'typicalW', 'ratedW', 'memoryBytes', 'memoryBytesPerS',
  'bf16FlopPerS', 'linkBytesPerS', 'networkBitsPerS'] as const
type DeviceNumber = (typeof DEVICE_NUMBERS)[number]

const SYSTEM_NUMBERS = ['gpus', 'cpus', 'memoryGiB', 'idleW', 'typicalW', 'ratedW', 'nodesPerRack',
  'rackOverheadW'] as const
type SystemNumber = (typeof SYSTEM_NUMBERS)[number]

const RECOVERY_NUMBERS = ['detectS', 'healthCheckS', 'launchS', 'loadS', 'checkpointStallS',
  'checkpointSaveS'] as const
export type CatalogueRecovery = Readonly<Record<(typeof RECOVERY_NUMBERS)[number], Sourced>>

const FOLDER = fileURLToPath(new URL('../../catalog/', import.meta.url))

/** Reads and checks the files of the catalogue. About 10 ms. */
export function loadCatalogue(folder: string = FOLDER): Catalogue {
  const devices = readDevices(`${folder}/devices.json`)
  const systems = readSystems(`${folder}/systems.json`)
  const { failures, recovery } = readFailures(`${folder}/failures.json`)
  for (const system of systems) checkSystem(system, devices)
  const speeds = readSpeeds(`${folder}/speeds.json`, devices.map((device) => device.name))
  const curves = readCurves(`${folder}/curves.json`, devices)
  const rules = readRules(`${folder}/rules.json`)
  const prices = readPrices(`${folder}/prices.json`)
  const supplies = readSupplies(`${folder}/supplies.json`, prices)
  const cooling = readCooling(`${folder}/cooling.json`)
  return {
    devices, systems, failures, recovery, speeds, curves, rules, supplies, prices, cooling,
  }
}

/** Every number of the catalogue in a row of its own, for `catalog show` and the tests. */
export function catalogueRows(catalogue: Catalogue): CatalogueRow[] {
  const of = (owner: string, numbers: Readonly<Record<string, Sourced>>): CatalogueRow[] =>
    Object.entries(numbers).map(([key, number]) => ({ of: owner, key, ...number }))
  return [
    ...catalogue.devices.flatMap((one) => of(one.name, {
      ...one.numbers, ...one.maybe, ...speedsOf(catalogue, one.name),
      ...curveRows(catalogue, one.name),
    })),
    ...catalogue.systems.flatMap((one) => of(one.name, { ...one.numbers, ...one.maybe })),
    ...catalogue.failures.flatMap((one) => of(one.name, {
      exposureUnits: one.exposureUnits,
      exposureDays: one.exposureDays,
      perUnitDay: one.perUnitDay,
      repairHoursLow: one.repairHours[0],
      repairHoursHigh: one.repairHours[1],
      slowRatio: one.slowRatio,
    })),
    ...of('recovery', catalogue.recovery),
    ...catalogue.rules.flatMap((one) => of(one.rule.name, ruleNumbers(one))),
    ...catalogue.supplies.flatMap((one) => of(one.name, one.numbers)),
    ...catalogue.cooling.flatMap(({ cooling, points }) => of(cooling.name, Object.fromEntries(
      points.map((ratio, at) => [`ratioAt${cooling.points[at]!.tempC}C`, ratio])))),
    ...Object.entries(catalogue.prices).flatMap(([list, prices]) => of(`prices.${list}`, prices)),
  ]
}

export type CatalogueRow = { readonly of: string; readonly key: string } & Sourced

/** The classes of work in which a device was compared, as rows: "speed.pretraining", … */
function speedsOf({ speeds }: Catalogue, device: string): Record<string, Sourced> {
  return Object.fromEntries(speeds.classes.flatMap(({ name, byDevice }) => {
    const speed = byDevice[device]
    return speed === undefined ? [] : [[`speed.${name}`, speed]]
  }))
}

/** What was measured under caps, as rows: "compute.300W" for throughput, then "pausedW". */
function curveRows({ curves }: Catalogue, device: string): Record<string, Sourced> {
  const rows = curves.classes.flatMap(({ name, byDevice }) => {
    const curve = byDevice[device]
    if (curve === undefined) return []
    const { capW, throughput, evidence, source } = curve
    return capW.map((cap, at) =>
      [`${name}.${cap}W`, { value: throughput[at]!, evidence, source }] as const)
  })
  return { pausedW: curves.pausedW[device]!, ...Object.fromEntries(rows) }
}

function numbersOf<Key extends string>(keys: readonly Key[]): Record<Key, typeof SOURCED> {
  return Object.fromEntries(keys.map((key) => [key, SOURCED])) as Record<Key, typeof SOURCED>
}

function readDevices(path: string): CatalogueDevice[] {
  const device = z.strictObject({
    vendor: z.string(),
    ...numbersOf(DEVICE_NUMBERS),
    minCapW: SOURCED.optional(),
    fp8FlopPerS: SOURCED.optional(),
  })
  const file = readJson(
    path, z.strictObject({ about, sources, devices: z.record(z.string(), device) }))
  return Object.entries(file.devices).map(([name, one]) => ({
    name,
    vendor: one.vendor,
    numbers: sourcedAll(DEVICE_NUMBERS, one, file.sources),
    maybe: {
      ...(one.minCapW && { minCapW: sourced(one.minCapW, file.sources) }),
      ...(one.fp8FlopPerS && { fp8FlopPerS: sourced(one.fp8FlopPerS, file.sources) }),
    },
  }))
}

function readSystems(path: string): CatalogueSystem[] {
  const system = z.strictObject({
    device: z.string().optional(),
    linkDomain: z.enum(['node', 'rack']),
    ...numbersOf(SYSTEM_NUMBERS),
    measuredMaxW: SOURCED.optional(),
  })
  const file = readJson(
    path, z.strictObject({ about, sources, systems: z.record(z.string(), system) }))
  return Object.entries(file.systems).map(([name, one]) => ({
    name,
    device: one.device ?? '',
    linkDomain: one.linkDomain,
    numbers: sourcedAll(SYSTEM_NUMBERS, one, file.sources),
    maybe: one.measuredMaxW === undefined
      ? {}
      : { measuredMaxW: sourced(one.measuredMaxW, file.sources) },
  }))
}

function readFailures(path: string): Pick<Catalogue, 'failures' | 'recovery'> {
  const failure = z.strictObject({
    about: z.string(),
    unit: z.enum(['device', 'node', 'rack', 'feeder']),
    reach: z.enum(['none', 'slow', 'node', 'rack', 'feeder']),
    faults: z.record(z.string(), z.int().min(0)),
    exposureUnits: SOURCED,
    exposureDays: SOURCED,
    evidence: z.enum(EVIDENCE),
    source: z.string(),
    repairHours: z.strictObject({ low: SOURCED, high: SOURCED }),
    slowRatio: SOURCED.optional(),
  })
  const file = readJson(path, z.strictObject({
    about,
    sources,
    classes: z.record(z.string(), failure),
    recovery: z.strictObject(numbersOf(RECOVERY_NUMBERS)),
  }))
  const failures = Object.entries(file.classes).map(([name, one]) => {
    const faults = Object.values(one.faults).reduce((sum, faulted) => sum + faulted, 0)
    const perUnitDay = faults / one.exposureUnits[0] / one.exposureDays[0]
    return {
      name,
      about: one.about,
      unit: one.unit,
      reach: one.reach,
      faults: one.faults,
      exposureUnits: sourced(one.exposureUnits, file.sources),
      exposureDays: sourced(one.exposureDays, file.sources),
      perUnitDay: sourced([perUnitDay, one.evidence, one.source], file.sources),
      repairHours: [
        sourced(one.repairHours.low, file.sources),
        sourced(one.repairHours.high, file.sources),
      ] as const,
      slowRatio: sourced(one.slowRatio ?? SLOWS_NOTHING, file.sources),
    }
  })
  return { failures, recovery: sourcedAll(RECOVERY_NUMBERS, file.recovery, file.sources) }
}

/** What a leaf of the power tree carries besides its devices must not come out negative. */
function checkSystem(system: CatalogueSystem, devices: readonly CatalogueDevice[]): void {
  const gpus = system.numbers.gpus.value
  const device = devices.find((one) => one.name === system.device)
  if ((device === undefined) !== (gpus === 0)) {
    throw new InputError(`catalog: system ${system.name} has ${gpus} GPUs and the device `
      + `"${system.device}"; name a device of devices.json where there are GPUs, else none`)
  }
  if (device === undefined) return
  if (gpus * device.numbers.ratedW.value > system.numbers.ratedW.value) {
    throw new InputError(`catalog: ${gpus} ${device.name} are rated above their node, `
      + `${system.name}; raise the node's ratedW`)
  }
}

function sourcedAll<Key extends string>(
  keys: readonly Key[], written: Readonly<Record<Key, Written>>, texts: Record<string, string>,
): Record<Key, Sourced> {
  const entries = keys.map((key) => [key, sourced(written[key], texts)])
  return Object.fromEntries(entries) as Record<Key, Sourced>
}

const SLOWS_NOTHING: Written = [1, 'derived', 'by its reach, the class slows nothing']
