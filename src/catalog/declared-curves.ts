import type { FactoryDocument } from '../model/schema.ts'
import type { Catalogue, CatalogueDevice } from './catalogue.ts'
import { problemOf } from './curves.ts'
import type { CatalogueCurves, CurveClass } from './curves.ts'
import type { MeasuredPoints } from './measured.ts'
import { didYouMean, listed, problem, wattsOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'

/**
 * The curves of the catalogue with those of a factory file in place of, or beside, its own. A class
 * that the catalogue does not have begins as a copy of its first.
 */
export function resolveCurves(
  document: FactoryDocument, { curves, devices }: Catalogue, problems: Problem[],
): CatalogueCurves {
  const classes = new Map(curves.classes.map((one) => [one.name, one]))
  const seen = new Set<string>()
  for (const [at, { class: name, device, points }] of (document.curves ?? []).entries()) {
    const path: Path = ['curves', at]
    const found = findDevice(device, path, devices, problems)
    if (found === undefined) continue
    const key = `${name} ${device}`
    if (seen.has(key)) {
      problems.push(problem([...path, 'class'],
        `there is a curve of ${device} in ${name} already; leave one of the two out`))
    }
    seen.add(key)
    const measured = pointsOf(points, path, problems)
    const trouble = problemOf(measured, found.numbers.ratedW.value)
    if (trouble === undefined) {
      classes.set(name, withCurve(classes.get(name) ?? { ...curves.classes[0]!, name, about: name },
        device, measured))
    } else {
      const place = points.length < 2 ? ['points'] : ['points', trouble.at]
      problems.push(problem([...path, ...place], trouble.message))
    }
  }
  return { ...curves, classes: [...classes.values()] }
}

type Points = NonNullable<FactoryDocument['curves']>[number]['points']

function findDevice(
  name: string, path: Path, devices: readonly CatalogueDevice[], problems: Problem[],
): CatalogueDevice | undefined {
  const found = devices.find((device) => device.name === name)
  const known = devices.map((device) => device.name)
  if (found === undefined) {
    problems.push(problem([...path, 'device'], `the catalogue has no device "${name}"; it has `
      + listed(known) + didYouMean(name, known)))
  }
  return found
}

function pointsOf(points: Points, path: Path, problems: Problem[]): MeasuredPoints {
  const draws = points.map(({ draw }) => wattsOf(draw, undefined))
  const missing = draws.indexOf(undefined)
  if (missing >= 0 && draws.some((watts) => watts !== undefined)) {
    problems.push(problem([...path, 'points', missing],
      'this point has no draw and others have; say the draw of all points or of none'))
  }
  return {
    capW: points.map(({ cap }) => wattsOf(cap, 0)),
    throughput: points.map(({ throughput }) => throughput),
    drawW: missing >= 0 ? undefined : draws.map((watts) => watts!),
  }
}

function withCurve(one: CurveClass, device: string, points: MeasuredPoints): CurveClass {
  const curve = { ...points, evidence: 'measured', source: 'the factory file' } as const
  return { ...one, byDevice: { ...one.byDevice, [device]: curve } }
}
