import { formatPower } from '../base/units.ts'
import type { Plant } from '../model/index.ts'

/** What is done with the supplies of a live factory: a line for people for each site with some. */
export function suppliesSaid({ sites, feeders }: Plant, isPlayed: boolean): string[] {
  return sites.flatMap(({ name, supplies, feeder }) => {
    if (supplies === undefined) return []
    const names = supplies.map((each) => each.name).join(', ')
    const limit = formatPower(feeders[feeder]!.limitW)
    return [isPlayed
      ? `supplies of ${name} (${names}): played, their state is kept in the journal`
      : `supplies of ${name} (${names}): not dispatched, metered or simulated on a real machine; `
        + `the site's limit stays ${limit}, as its file says or its supplies are rated`]
  })
}
