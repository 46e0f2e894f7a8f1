import { formatPower, fromHours } from '../base/units.ts'
import type { Feeder, PlannedLimit } from '../model/power.ts'
import type { FactoryDocument } from '../model/schema.ts'
import { feederLoads } from './feeders.ts'
import { didYouMean, listed, problem, quantityOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'

/** A day: the market that is cleared a day ahead is the usual notice. */
const NOTICE_MS = fromHours(24)

type Document = NonNullable<FactoryDocument['limits']>[number]

/** Limits and budgets over time of a document, in inner units, with all problems found. */
export function plannedLimits(
  document: FactoryDocument, feeders: readonly Feeder[], problems: Problem[]): PlannedLimit[] {
  const { idleW } = feederLoads(feeders, feeders.map(() => 0))
  return (document.limits ?? []).flatMap((written, at) => {
    const path: Path = ['limits', at]
    const feeder = feeders.findIndex((each) => each.name === written.feeder)
    const found = feeder < 0 ? [unknown(path, written, feeders)]
      : problemsOf(path, written, feeders[feeder]!, idleW[feeder]!)
    problems.push(...found)
    return found.length > 0 ? [] : [planned(written, feeder)]
  })
}

function planned(written: Document, feeder: number): PlannedLimit {
  const msOf = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : quantityOf(text, 'duration')
  const kind = written.limit === undefined ? 'budget' : 'limit'
  return {
    feeder, kind, watts: Math.floor(quantityOf((written.limit ?? written.budget)!, 'power')),
    atMs: msOf(written.at, 0), forMs: msOf(written.for, 0), everyMs: msOf(written.every, 0),
    noticeMs: msOf(written.notice, NOTICE_MS), cause: written.cause ?? '',
  }
}

function unknown(path: Path, { feeder }: Document, feeders: readonly Feeder[]): Problem {
  const names = feeders.map((each) => each.name)
  return problem([...path, 'feeder'], `there is no feeder "${feeder}"; there are ${listed(names)}`
    + didYouMean(feeder, names.slice(0, COMPARED_MOST)))
}

/** Names that a wrong one is compared with: edit distances to a million racks would take long. */
const COMPARED_MOST = 1000

function problemsOf(path: Path, written: Document, feeder: Feeder, idleW: number): Problem[] {
  const { limit, budget } = written
  const text = limit ?? budget
  if (text === undefined || (limit !== undefined && budget !== undefined)) {
    return [problem(path, 'say either limit or budget')]
  }
  const found: Problem[] = []
  const key = limit === undefined ? 'budget' : 'limit'
  if (quantityOf(text, 'power') < idleW) {
    found.push(problem([...path, key], `${text} at ${feeder.name} is below what it draws with no `
      + `job running, ${formatPower(idleW)}; that or more would do`))
  }
  if (written.every !== undefined && written.for === undefined) {
    found.push(problem([...path, 'every'], 'a limit that comes again has an end; say how long it '
      + 'holds with for'))
  } else if (written.every !== undefined
    && quantityOf(written.every, 'duration') <= quantityOf(written.for!, 'duration')) {
    found.push(problem([...path, 'every'], `it holds for ${written.for!}, so it comes again before `
      + 'it is over; a longer every or a shorter for would do'))
  }
  return found
}
