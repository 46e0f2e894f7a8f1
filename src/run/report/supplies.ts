import { formatCount, formatPower, formatRatio } from '../../base/units.ts'
import type { SiteSupplies, Summary } from '../summary.ts'
import { escapeHtml, oneLine } from './escape.ts'
import { cellTable, dollars } from './power-figures.ts'

/** What the supplies of each site came to, for the terminal and the page. */

/** Rows of a table, the heads first; none where no site names supplies. */
export function supplyCells({ supplies }: Summary): readonly (readonly string[])[] {
  if (supplies.length === 0) return []
  return [['supply', 'MWh', 'fuel MWh', 'cost', 'starts'],
    ...supplies.flatMap(({ site, bySupply }) => bySupply.map((each) => [
      oneLine(`${each.supply} at ${site}`).slice(0, 28), formatCount(each.energyMWh),
      formatCount(each.fuelMWh), dollars(each.dollars), formatCount(each.starts)]))]
}

/** A sentence for each site: what it all cost, its battery, and what was not as it should be. */
export function supplySentences({ supplies }: Summary): string[] {
  return supplies.map((site) => {
    const { battery, unservedMWh, worstUnservedW, rampBreaches } = site
    const held = battery === null ? '' : `; the battery between ${
      formatRatio(battery.lowestRatio)} and ${formatRatio(battery.highestRatio)}, ${
      battery.cycles.toFixed(2)} cycles`
    const lack = unservedMWh > 0 ? `; not served ${unservedMWh.toFixed(3)} MWh, at most ${
      formatPower(worstUnservedW)}` : '; all was served'
    const ramp = rampBreaches.worstW > 0 ? `; the grid stepped by up to ${
      formatPower(rampBreaches.worstW)} against its ramp` : ''
    return `${oneLine(site.site)}: ${dollars(site.dollars)}${priceOf(site)}${held}${lack}${ramp}.`
  })
}

function priceOf({ dollars: cost, drawnMWh }: SiteSupplies): string {
  return drawnMWh > 0 ? `, $ ${(cost / drawnMWh).toFixed(1)} a MWh drawn` : ''
}

/** The section of the page; empty where no site names supplies. */
export function supplySection(summary: Summary): string {
  const rows = supplyCells(summary)
  if (rows.length === 0) return ''
  const sentences = supplySentences(summary).map((each) => `<p>${escapeHtml(each)}</p>`).join('')
  return `<section><h2>What supplied it</h2>${sentences}${cellTable(rows)}</section>\n`
}
