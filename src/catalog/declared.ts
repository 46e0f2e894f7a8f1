import { RATIO_ONE } from '../model/power.ts'
import type { FeederDocument } from '../model/schema.ts'
import { didYouMean, listed, problem, wattsOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'
import { segment } from './segments.ts'
import type { Segment } from './segments.ts'

/** Puts the declared feeders of one site between the segments that they name. */
export function addDeclared(
  segments: Segment[], feeders: readonly FeederDocument[], site: number, problems: Problem[],
): void {
  const path: Path = ['sites', site, 'feeders']
  const named = new Map<string, Segment>()
  for (const one of segments) if (one.site === site) named.set(one.name, one)
  const places = [...named.keys()]
  const root = segments[site]!
  const declared: Declared[] = feeders.map((written, at) => {
    const own = [...path, at]
    const added = {
      ...segment('declared', written.name, site, root),
      path: own,
      limitW: wattsOf(written.limit, undefined),
      baseW: wattsOf(written.base, 0),
      ratioPer10k: lossRatio(written.loss ?? 0),
    }
    if (named.has(written.name)) {
      problems.push(problem([...own, 'name'],
        `the site has a feeder "${written.name}" already; another name would do`))
    } else {
      named.set(written.name, added)
    }
    return { written, path: own, segment: added }
  })
  const before = problems.length
  const fedBy = new Map<Segment, string>()
  for (const one of declared) feed(one, named, places, fedBy, problems)
  for (const one of declared) hang(one, named, root, problems)
  segments.push(...declared.map((one) => one.segment))
  const circles = new Set<Segment>()
  for (const one of declared) checkUp(one, circles, problems)
  if (problems.length > before) return
  checkUsed(declared, problems)
  checkPlaces([...fedBy.keys()], declared, problems)
}

type Declared = {
  readonly written: FeederDocument
  readonly path: Path
  readonly segment: Segment
}

/** Delivering 1 W takes 1 / (1 - loss) W, rounded up to the next 1/10,000. */
function lossRatio(loss: number): number {
  return Math.ceil(RATIO_ONE / (1 - loss) - ROUNDING)
}

function feed(
  { written, path, segment: feeder }: Declared, named: ReadonlyMap<string, Segment>,
  places: readonly string[], fedBy: Map<Segment, string>, problems: Problem[],
): void {
  written.feeds?.forEach((text, at) => {
    for (const name of namesIn(text)) {
      const fed = named.get(name)
      const where = [...path, 'feeds', at]
      if (fed === undefined || fed.kind === 'site' || fed.kind === 'declared') {
        problems.push(problem(where, wrongPlace(name, fed, places)))
        return
      }
      const other = fedBy.get(fed)
      if (other !== undefined) {
        problems.push(problem(where,
          `"${name}" is fed by "${other}" already; one feeder for each would do`))
        return
      }
      fedBy.set(fed, written.name)
      fed.parent = feeder
    }
  })
}

/** "hall1/row[01-03]" is three names; a text without brackets is one. */
function namesIn(text: string): string[] {
  const range = /^(.*)\[(\d{1,6})-(\d{1,6})\](.*)$/.exec(text)
  if (range === null) return [text]
  const [, head, first, last, tail] = range as unknown as [string, string, string, string, string]
  if (Number(last) - Number(first) >= MAX_RANGE) return [text]
  const names: string[] = []
  for (let at = Number(first); at <= Number(last); at++) {
    names.push(`${head}${String(at).padStart(first.length, '0')}${tail}`)
  }
  return names.length === 0 ? [text] : names
}

function wrongPlace(name: string, found: Segment | undefined, places: readonly string[]): string {
  if (found?.kind === 'declared') {
    return `"${name}" is a feeder; say its parent there, and name halls, rows and racks here`
  }
  if (found?.kind === 'site') return `"${name}" is the site; halls, rows and racks would do`
  const depth = name.split('/').length
  const alike = places.slice(1).filter((place) => place.split('/').length === depth)
  return `the site has no "${name}"; it has ${listed(alike.length > 0 ? alike : places)}`
    + didYouMean(name, alike.slice(0, MAX_COMPARED))
}

/** Without a parent, a feeder hangs from what all that it feeds have in common. */
function hang(
  { written, path, segment: feeder }: Declared, named: ReadonlyMap<string, Segment>,
  root: Segment, problems: Problem[],
): void {
  if (written.parent === undefined) {
    const homes = (written.feeds ?? []).flatMap(namesIn).map((name) => named.get(name)?.home)
    feeder.parent = homes.length === 0 ? root : homes.reduce(commonHome) ?? root
    return
  }
  const parent = named.get(written.parent)
  if (parent === undefined || parent.kind === 'rack') {
    const known = [...named.values()].filter((one) => one.kind !== 'rack').map((one) => one.name)
    const feeders = known.filter((name) => named.get(name)!.kind === 'declared')
    problems.push(problem([...path, 'parent'], parent === undefined
      ? `there is no feeder "${written.parent}"; the site has ${listed(feeders)}, and its halls`
        + ` and rows${didYouMean(written.parent, known.slice(0, MAX_COMPARED))}`
      : `"${written.parent}" is a rack, a leaf; a feeder, hall or row would do`))
    return
  }
  feeder.parent = parent
}

function commonHome(a: Segment | undefined, b: Segment | undefined): Segment | undefined {
  const above = new Set<Segment>()
  for (let at = a; at !== undefined; at = at.home) above.add(at)
  for (let at = b; at !== undefined; at = at.home) if (above.has(at)) return at
  return undefined
}

/** From every feeder the way up must end at the site. */
function checkUp(
  { path, written, segment: feeder }: Declared, circles: Set<Segment>, problems: Problem[],
): void {
  if (circles.has(feeder)) return
  const way = [feeder]
  for (let at = feeder.parent; at !== undefined; at = at.parent) {
    if (at === feeder) {
      const names = [...way, feeder].map((one) => one.name)
      for (const one of way) circles.add(one)
      problems.push(problem([...path, written.parent === undefined ? 'feeds' : 'parent'],
        `the feeders run in a circle: ${listed(names)}; hang one of them from the site`))
      return
    }
    // A circle further up is reported from its own members.
    if (way.includes(at)) return
    way.push(at)
  }
}

function checkUsed(declared: readonly Declared[], problems: Problem[]): void {
  const parents = new Set(declared.map((one) => one.segment.parent))
  for (const { written, path, segment: feeder } of declared) {
    if (written.feeds !== undefined || parents.has(feeder)) continue
    problems.push(problem(path, `the feeder "${written.name}" feeds nothing; `
      + 'say what it feeds, or name it as the parent of another'))
  }
}

/** A hall's cooling and a row's limit must count what stands in them. */
function checkPlaces(
  fed: readonly Segment[], declared: readonly Declared[], problems: Problem[],
): void {
  for (const one of fed) {
    const above = new Set<Segment>()
    for (let at = one.parent; at !== undefined; at = at.parent) above.add(at)
    for (let at = one.home; at !== undefined && at.kind !== 'site'; at = at.home) {
      if (above.has(at) || (at.kind === 'row' && at.limitW === undefined)) continue
      const by = declared.find(({ segment: feeder }) => feeder === one.parent)!
      problems.push(problem([...by.path, 'feeds'], at.kind === 'hall'
        ? `"${one.name}" would bypass its hall and its cooling; give "${by.written.name}" a parent`
          + ` in "${at.name}"`
        : `"${one.name}" would bypass the limit of "${at.name}"; leave out rowLimit, or give`
          + ` "${by.written.name}" that row as its parent`))
      break
    }
  }
}

/** Takes back what division adds in the last bit, so that a loss of 0 is a ratio of one. */
const ROUNDING = 1e-6

/** Names of one range: more than any hall has rows, few enough for a slip of the finger. */
const MAX_RANGE = 10_000

/** Places that a misspelt one is compared with. */
const MAX_COMPARED = 5000
