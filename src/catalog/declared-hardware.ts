import type { FactoryDocument } from '../model/schema.ts'
import type { DeviceDocument, SystemDocument } from '../model/schema-hardware.ts'
import type { Catalogue, CatalogueDevice, CatalogueSystem } from './catalogue.ts'
import { didYouMean, listed, problem, quantityOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'
import type { Sourced } from './sourced.ts'

/**
 * The catalogue with the devices and systems of a factory file in place of, or beside, its own:
 * what somebody measured or declares of their hardware beats what is published of its kind.
 */
export function withHardware(
  document: FactoryDocument, catalogue: Catalogue, problems: Problem[]): Catalogue {
  const { devices: own = [], systems = [] } = document
  if (own.length === 0 && systems.length === 0) return catalogue
  checkNames('devices', own, problems)
  checkNames('systems', systems, problems)
  const devices = replaced(catalogue.devices, own.map((one, at) =>
    deviceOf(one, ['devices', at], problems)))
  const named = new Set(systems.map(({ name }) => name))
  for (const [at, { name, rated }] of own.entries()) {
    const tight = catalogue.systems.find((system) => system.device === name
      && !named.has(system.name)
      && system.numbers.gpus.value * wattsIn(rated) > system.numbers.ratedW.value)
    if (tight === undefined) continue
    problems.push(problem(['devices', at, 'rated'], `${tight.numbers.gpus.value} of them are rated `
      + `above their node, ${tight.name} (${tight.numbers.ratedW.value} W); describe that system `
      + 'under systems too'))
  }
  const { curves, speeds } = catalogue
  const [first, ...others] = speeds.classes
  const speedOf = Object.fromEntries(own.map((one) => [one.name, told(one.speed ?? 1)]))
  const pausedW = Object.fromEntries(own.map((one) =>
    [one.name, told(wattsIn(one.paused ?? one.idle))]))
  return {
    ...catalogue,
    devices,
    systems: replaced(catalogue.systems, systems.map((one, at) =>
      systemOf(one, devices, ['systems', at], problems))),
    speeds: { ...speeds,
      classes: [{ ...first!, byDevice: { ...first!.byDevice, ...speedOf } }, ...others] },
    curves: { ...curves, pausedW: { ...curves.pausedW, ...pausedW } },
  }
}

function deviceOf(one: DeviceDocument, path: Path, problems: Problem[]): CatalogueDevice {
  const idleW = wattsIn(one.idle)
  const ratedW = wattsIn(one.rated)
  const typicalW = one.typical === undefined ? ratedW : wattsIn(one.typical)
  const between = (key: 'rated' | 'typical' | 'minCap' | 'paused', least: number, most: number) => {
    const text = one[key]
    if (text === undefined) return
    const watts = wattsIn(text)
    if (watts >= least && watts <= most) return
    problems.push(problem([...path, key], `"${text}" is not between its idle draw, "${one.idle}"`
      + `${key === 'rated' ? '' : `, and its rating, "${one.rated}"`}; a value there would do`))
  }
  between('rated', idleW + 1, Infinity)
  between('typical', idleW, ratedW)
  between('minCap', idleW + 1, ratedW)
  between('paused', idleW, ratedW - 1)
  return {
    name: one.name,
    vendor: '',
    numbers: {
      idleW: told(idleW), typicalW: told(typicalW), ratedW: told(ratedW),
      // Nobody asks for these of hardware that the catalogue does not have.
      memoryBytes: told(0), memoryBytesPerS: told(0), bf16FlopPerS: told(0), linkBytesPerS: told(0),
      networkBitsPerS: told(0),
    },
    maybe: one.minCap === undefined ? {} : { minCapW: told(wattsIn(one.minCap)) },
  }
}

function systemOf(
  one: SystemDocument, devices: readonly CatalogueDevice[], path: Path, problems: Problem[],
): CatalogueSystem {
  const idleW = wattsIn(one.idle)
  const ratedW = wattsIn(one.rated)
  const device = devices.find(({ name }) => name === one.device)
  const known = devices.map(({ name }) => name)
  if (one.device !== undefined && device === undefined) {
    problems.push(problem([...path, 'device'], `there is no device "${one.device}" in this file or `
      + `the catalogue; it has ${listed(known)}${didYouMean(one.device, known)}`))
  } else if ((device === undefined) !== (one.gpus === undefined)) {
    problems.push(problem(path, device === undefined
      ? 'it has gpus and no device; say which, or leave out gpus'
      : `it has the device ${device.name}; say how many gpus a node has`))
  }
  const devicesW = (one.gpus ?? 0) * (device?.numbers.ratedW.value ?? 0)
  if (ratedW < Math.max(idleW, devicesW)) {
    problems.push(problem([...path, 'rated'], `"${one.rated}" is less than `
      + (ratedW < idleW ? `its idle draw, "${one.idle}"` : `its devices at their rating, ${
        devicesW} W`) + '; give what a node draws at most, all of it'))
  }
  return {
    name: one.name,
    device: device?.name ?? '',
    linkDomain: one.linkDomain ?? 'node',
    numbers: {
      gpus: told(device === undefined ? 0 : one.gpus ?? 0), cpus: told(one.cpus),
      memoryGiB: told(one.memoryGiB), idleW: told(idleW),
      typicalW: told(one.typical === undefined ? ratedW : wattsIn(one.typical)),
      ratedW: told(ratedW), nodesPerRack: told(one.nodesPerRack ?? 1),
      rackOverheadW: told(wattsIn(one.rackOverhead ?? '0 W')),
    },
    maybe: {},
  }
}

function checkNames(
  list: 'devices' | 'systems', own: readonly { readonly name: string }[], problems: Problem[],
): void {
  const names = own.map(({ name }) => name)
  names.forEach((name, at) => {
    if (names.indexOf(name) === at) return
    problems.push(problem([list, at, 'name'],
      `"${name}" is there already; another name would do`))
  })
}

function replaced<Kind extends { readonly name: string }>(
  published: readonly Kind[], own: readonly Kind[]): Kind[] {
  const names = new Set(own.map(({ name }) => name))
  return [...own, ...published.filter(({ name }) => !names.has(name))]
}

function wattsIn(text: string): number {
  return quantityOf(text, 'power')
}

function told(value: number): Sourced {
  return { value, evidence: 'measured', source: 'the factory file' }
}
