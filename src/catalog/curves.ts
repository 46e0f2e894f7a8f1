import * as z from 'zod'
import { drawAt } from '../model/curve.ts'
import type { Curve, Curves } from '../model/curve.ts'
import { InputError } from '../model/error.ts'
import type { Catalogue, CatalogueDevice } from './catalogue.ts'
import { clockLaw, throughputLaw } from './measured.ts'
import type { MeasuredPoints } from './measured.ts'
import { about, EVIDENCE, readJson, sourced, SOURCED, sources, type Sourced } from './sourced.ts'

/** Measured throughput and draw under caps, by class of work. */
export type CatalogueCurves = {
  /** The device that stands in, scaled, where a class has no points of another. */
  readonly reference: string
  /** Clock of the reference device. */
  readonly clock: ReferenceClock
  /** The first class has points of the reference, as all others have. */
  readonly classes: readonly CurveClass[]
  readonly pausedW: Readonly<Record<string, Sourced>>
}

/** Clock, as a share of the highest, and draw under caps. */
export type ReferenceClock = {
  readonly capW: readonly number[]
  readonly clock: readonly number[]
  readonly drawW: readonly number[]
}

export type CurveClass = {
  readonly name: string
  readonly about: string
  /** Standard deviation of the reference's draw at work. */
  readonly drawSdW: Sourced
  readonly byDevice: Readonly<Record<string, MeasuredCurve>>
}

export type MeasuredCurve = MeasuredPoints & Omit<Sourced, 'value'>

/** Reads and checks the curves; `devices` are those of the catalogue. */
export function readCurves(path: string, devices: readonly CatalogueDevice[]): CatalogueCurves {
  const { sources: texts, ...file } = readJson(path, FILE)
  const measured = ({ points, evidence, source }: z.infer<typeof CURVE>): MeasuredCurve => ({
    ...columnsOf(points), evidence, source: sourced([0, evidence, source], texts).source,
  })
  const curves = {
    reference: file.reference,
    clock: clockFrom(file.clock.points),
    classes: Object.entries(file.classes).map(([name, one]) => ({
      name,
      about: one.about,
      drawSdW: sourced(one.drawSdW, texts),
      byDevice: Object.fromEntries(Object.entries(one.curves).map(([device, curve]) =>
        [device, measured(curve)])),
    })),
    pausedW: Object.fromEntries(Object.entries(file.pausedW).map(([device, number]) =>
      [device, sourced(number, texts)])),
  }
  for (const one of curves.classes) checkClass(one, curves.reference, devices)
  checkPaused(curves.pausedW, devices)
  return curves
}

/**
 * The curves of some devices: points at each twentieth of the way from the lowest cap to the rating
 * and at each measured one. Some 30 points a device and class, about 1 ms each.
 */
export function curvesOf(catalogue: Catalogue, devices: readonly string[]): Curves {
  const { classes, pausedW } = catalogue.curves
  const found = devices.map((name) => catalogue.devices.find((device) => device.name === name)!)
  return {
    classes: classes.map(({ name }) => name),
    byClass: classes.map((one) => found.map((device) => curveOf(catalogue, one, device))),
    pausedW: devices.map((name) => Math.ceil(pausedW[name]!.value)),
  }
}

/** Which point does not fit the ones before it, and what to do; undefined where all do. */
export function problemOf(
  { capW, throughput, drawW }: MeasuredPoints, ratedW: number,
): { readonly at: number, readonly message: string } | undefined {
  if (capW.length < 2) {
    const message = 'one point is no curve; give two or more, from a low cap to the rating'
    return { at: 0, message }
  }
  for (let at = 0; at < capW.length; at++) {
    const message = pointProblem(at, { capW, throughput, drawW }, ratedW)
    if (message !== undefined) return { at, message }
  }
  return undefined
}

function pointProblem(
  at: number, { capW, throughput, drawW }: MeasuredPoints, ratedW: number): string | undefined {
  const cap = capW[at]!
  const before = at === 0 ? 0 : capW[at - 1]!
  if (cap <= before) {
    return `the cap of ${cap} W comes after one of ${before} W; order the points by cap`
  }
  if (at > 0 && throughput[at]! < throughput[at - 1]!) {
    return `throughput falls from ${throughput[at - 1]} at ${before} W to ${throughput[at]} at `
      + `${cap} W; a higher cap never does less: take the mean of more runs`
  }
  if (cap > ratedW) {
    return `the cap of ${cap} W is above the rating of ${ratedW} W; leave it out`
  }
  if (drawW === undefined || drawW[at]! <= cap) return undefined
  return `${drawW[at]} W are drawn under a cap of ${cap} W; give the mean draw, which is at most `
    + 'the cap'
}

function curveOf(catalogue: Catalogue, one: CurveClass, device: CatalogueDevice): Curve {
  const { curves } = catalogue
  const reference = catalogue.devices.find(({ name }) => name === curves.reference)!
  const onto = (watts: number) => rescaled(watts, reference, device)
  const own = one.byDevice[device.name]
  const points = own ?? scaled(one.byDevice[curves.reference]!, onto)
  const clock = scaled(curves.clock, onto)
  const draws = points.drawW === undefined ? clock : { capW: points.capW, drawW: points.drawW }
  const idleW = device.numbers.idleW.value
  const throughputAt = throughputLaw(points, clockLaw({ ...clock, idleW }))
  const topAt = throughputAt(device.numbers.ratedW.value)
  const capW = capsOf(points.capW, own !== undefined, device)
  const drawW = capW.map((cap) => rounded(drawAt(draws, cap), 10))
  const swing = swingOf(catalogue, one, reference)
  return {
    capW,
    speed: rising(capW.map((cap) => Math.min(1, throughputAt(cap) / topAt))),
    drawW,
    drawSdW: drawW.map((watts) => rounded(swing * Math.max(0, watts - idleW), 10)),
  }
}

/** Of what a device draws above idle, the share by which it swings. */
function swingOf({ curves }: Catalogue, one: CurveClass, reference: CatalogueDevice): number {
  const topW = (one.byDevice[curves.reference]!.drawW ?? curves.clock.drawW).at(-1)!
  return one.drawSdW.value / (topW - reference.numbers.idleW.value)
}

/**
 * Whole watts, from the lowest cap of which anything is known to the rating; those that were
 * measured on the device itself among them.
 */
function capsOf(
  capW: readonly number[], isOwn: boolean, { numbers, maybe }: CatalogueDevice): number[] {
  const ratedW = Math.ceil(numbers.ratedW.value)
  const lowestW = Math.ceil(Math.max(maybe.minCapW?.value ?? 0, capW[0]!))
  const steps = Array.from({ length: STEPS + 1 }, (_, at) =>
    lowestW + Math.round((ratedW - lowestW) * at / STEPS))
  const measured = isOwn ? capW.filter((cap) => cap > lowestW && cap < ratedW) : []
  return [...new Set([...steps, ...measured.map(Math.round)])].toSorted((a, b) => a - b)
}

const STEPS = 20

/** A cap or draw of one device as that of another, as far on the way from idle to the rating. */
function rescaled(watts: number, from: CatalogueDevice, to: CatalogueDevice): number {
  const rangeOf = ({ numbers }: CatalogueDevice) => numbers.ratedW.value - numbers.idleW.value
  const share = (watts - from.numbers.idleW.value) / rangeOf(from)
  return to.numbers.idleW.value + share * rangeOf(to)
}

function scaled<Points extends Pick<MeasuredPoints, 'capW' | 'drawW'>>(
  points: Points, onto: (watts: number) => number): Points {
  return { ...points, capW: points.capW.map(onto), drawW: points.drawW?.map(onto) }
}

/** Four digits, never falling: where a model dips between two points, it stays level instead. */
function rising(speeds: readonly number[]): number[] {
  let least = 0
  return speeds.map((speed) => {
    least = Math.max(least, rounded(speed, 10_000))
    return least
  })
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts
}

const POINT = z.tuple([z.number(), z.number().positive()], z.number())
const CURVE = z.strictObject({
  points: z.array(POINT).min(2), evidence: z.enum(EVIDENCE), source: z.string() })
const FILE = z.strictObject({
  about,
  sources,
  reference: z.string(),
  clock: z.strictObject({
    points: z.array(z.tuple([z.number(), z.number(), z.number()])).min(3),
    evidence: z.enum(EVIDENCE),
    source: z.string(),
  }),
  classes: z.record(z.string(), z.strictObject({
    about: z.string(), drawSdW: SOURCED, curves: z.record(z.string(), CURVE) })),
  pausedW: z.record(z.string(), SOURCED),
  profiles: z.array(z.string()),
})

/** Points as columns; draws only where every point has one. */
function columnsOf(points: readonly (readonly number[])[]): MeasuredPoints {
  return {
    capW: points.map(([cap]) => cap!),
    throughput: points.map(([, throughput]) => throughput!),
    drawW: points.every((point) => point.length > 2) ? points.map((point) => point[2]!) : undefined,
  }
}

function clockFrom(points: readonly (readonly [number, number, number])[]): ReferenceClock {
  const top = points.at(-1)![1]
  return {
    capW: points.map(([cap]) => cap),
    clock: points.map(([, clock]) => clock / top),
    drawW: points.map(([, , draw]) => draw),
  }
}

function checkClass(
  { name, byDevice }: CurveClass, reference: string, devices: readonly CatalogueDevice[],
): void {
  if (byDevice[reference] === undefined) {
    throw new InputError(`catalog: ${name} has no curve of ${reference}, which stands in for all`)
  }
  for (const [device, points] of Object.entries(byDevice)) {
    const found = devices.find((one) => one.name === device)
    const trouble = found === undefined ? 'no such device; name one of devices.json'
      : problemOf(points, found.numbers.ratedW.value)?.message
    if (trouble === undefined) continue
    throw new InputError(`catalog: the curve of ${device} in ${name}: ${trouble}`)
  }
}

function checkPaused(
  pausedW: Readonly<Record<string, Sourced>>, devices: readonly CatalogueDevice[],
): void {
  for (const { name, numbers } of devices) {
    const watts = pausedW[name]?.value ?? 0
    if (watts >= numbers.idleW.value && watts < numbers.ratedW.value) continue
    throw new InputError(`catalog: a paused ${name} draws ${watts} W; between idle and the rating `
      + 'would do, for every device')
  }
}
