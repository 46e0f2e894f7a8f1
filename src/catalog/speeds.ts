import * as z from 'zod'
import { InputError } from '../model/error.ts'
import { about, readJson, sourced, SOURCED, sources, type Sourced } from './sourced.ts'

/** How fast a device trains against the reference device, by class of work. */
export type CatalogueSpeeds = {
  /** The device whose speed is 1. */
  readonly reference: string
  /** The first class has every device: it is what a job runs at that names no other. */
  readonly classes: readonly SpeedClass[]
}

export type SpeedClass = {
  readonly name: string
  readonly about: string
  readonly byDevice: Readonly<Record<string, Sourced>>
}

/** Reads and checks the speeds; `devices` are those of the catalogue. */
export function readSpeeds(path: string, devices: readonly string[]): CatalogueSpeeds {
  const speedClass = z.strictObject({ about: z.string(), speeds: z.record(z.string(), SOURCED) })
  const file = readJson(path, z.strictObject({
    about, sources, reference: z.string(), classes: z.record(z.string(), speedClass),
  }))
  const classes = Object.entries(file.classes).map(([name, one]) => ({
    name,
    about: one.about,
    byDevice: Object.fromEntries(Object.entries(one.speeds).map(([device, speed]) =>
      [device, sourced(speed, file.sources)])),
  }))
  classes.forEach((one, at) => checkClass(one, at === 0, file.reference, devices))
  return { reference: file.reference, classes }
}

/** Speed of each device type in a class: its own number, else that of the first class. */
export function speedsIn(
  speeds: CatalogueSpeeds, at: number, devices: readonly string[]): readonly number[] {
  const { byDevice } = speeds.classes[at]!
  return devices.map((device) => (byDevice[device] ?? speeds.classes[0]!.byDevice[device])!.value)
}

function checkClass(
  { name, byDevice }: SpeedClass, isFirst: boolean, reference: string, devices: readonly string[],
): void {
  for (const [device, { value }] of Object.entries(byDevice)) {
    if (devices.includes(device) && value > 0) continue
    throw new InputError(`catalog: the speed of ${device} in ${name} is ${value}; give a device of `
      + 'devices.json a speed above 0')
  }
  if (byDevice[reference]?.value !== 1) {
    throw new InputError(`catalog: ${reference} is the reference, so its speed in ${name} is 1`)
  }
  const missing = isFirst ? devices.find((device) => byDevice[device] === undefined) : undefined
  if (missing !== undefined) {
    throw new InputError(`catalog: ${missing} has no speed in ${name}, the class of all work that `
      + 'names none; measure, derive or guess one, and say which')
  }
}
