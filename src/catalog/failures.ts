import { fromHours, fromSeconds, toHours } from '../base/units.ts'
import { NO_FAILURES } from '../model/failure.ts'
import type { FailurePlan, FaultClass } from '../model/failure.ts'
import type { FactoryDocument, FailuresDocument } from '../model/schema.ts'
import type { Catalogue, CatalogueFailure } from './catalogue.ts'
import { didYouMean, listed, problem, quantityOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'
import type { Sourced } from './sourced.ts'

/** The catalogue's failures with what the file changes. Classes that never fail are left out. */
export function resolveFailures(
  document: FactoryDocument, catalogue: Catalogue, problems: Problem[],
): FailurePlan {
  const changed = document.failures ?? {}
  if (changed === 'none') return NO_FAILURES
  checkNames(changed, catalogue, problems)
  const classes = catalogue.failures
    .map((known) => resolveClass(known, changed.classes?.[known.name], problems))
    .filter((one) => one.ratePerHour > 0)
  const { recovery } = catalogue
  return {
    classes,
    detectMs: durationOf(changed.detect, recovery.detectS),
    healthCheckMs: durationOf(changed.healthCheck, recovery.healthCheckS),
    launchMs: durationOf(changed.launch, recovery.launchS),
    loadMs: durationOf(changed.load, recovery.loadS),
    checkpointStallMs: durationOf(changed.checkpoint?.stall, recovery.checkpointStallS),
    checkpointSaveMs: durationOf(changed.checkpoint?.save, recovery.checkpointSaveS),
  }
}

type ClassDocument = NonNullable<FailuresDocument['classes']>[string]

function resolveClass(
  known: CatalogueFailure, changed: ClassDocument | undefined, problems: Problem[],
): FaultClass {
  const path = ['failures', 'classes', known.name]
  const given = changed === 'none' ? { per1000UnitDays: 0 } : changed ?? {}
  const [low, high] = known.repairHours
  const repair = given.repair?.map((text) => quantityOf(text, 'duration'))
    ?? [fromHours(low.value), fromHours(high.value)]
  if (repair[0]! > repair[1]!) {
    problems.push(problem([...path, 'repair'],
      'the shortest repair is longer than the longest; write the shorter one first'))
  }
  if (given.slowRatio !== undefined && known.reach !== 'slow') {
    problems.push(problem([...path, 'slowRatio'],
      `faults of the class ${known.name} slow no job; leave slowRatio out`))
  }
  return {
    name: known.name,
    ratePerHour: ratePerHour(known, given, path, problems),
    unit: known.unit,
    reach: known.reach,
    repairMs: [repair[0]!, repair[1]!],
    slowRatio: given.slowRatio ?? known.slowRatio.value,
  }
}

function ratePerHour(
  known: CatalogueFailure, given: Exclude<ClassDocument, 'none'>, path: Path, problems: Problem[],
): number {
  if (given.mtbf !== undefined && given.per1000UnitDays !== undefined) {
    problems.push(problem([...path, 'mtbf'],
      'the class has per1000UnitDays and mtbf; one of the two would do'))
  }
  if (given.mtbf !== undefined) return 1 / toHours(quantityOf(given.mtbf, 'duration'))
  const perUnitDay = given.per1000UnitDays === undefined
    ? known.perUnitDay.value
    : given.per1000UnitDays / UNITS
  return perUnitDay / HOURS_A_DAY
}

function checkNames(changed: FailuresDocument, catalogue: Catalogue, problems: Problem[]): void {
  const known = catalogue.failures.map((one) => one.name)
  for (const name of Object.keys(changed.classes ?? {})) {
    if (known.includes(name)) continue
    problems.push({
      path: ['failures', 'classes', name],
      ofKey: true,
      message: `there is no fault class "${name}"; `
        + `the catalogue has ${listed(known)}${didYouMean(name, known)}`,
    })
  }
}

function durationOf(text: string | undefined, known: Sourced): number {
  return text === undefined ? fromSeconds(known.value) : quantityOf(text, 'duration')
}

/** per1000UnitDays counts the faults of this many units. */
const UNITS = 1000

const HOURS_A_DAY = 24
