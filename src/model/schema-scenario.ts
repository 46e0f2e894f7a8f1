import * as z from 'zod'
import { parseQuantity, parseSpan } from '../base/units.ts'
import { quantity } from './schema-quantity.ts'

/**
 * The scenario file: what happens to a factory while the twin runs, each at a time from the start
 * of the run. It is kept as written, with its units.
 */

const span = (about: string, examples: string[]) =>
  z.string({ error: () => 'this is no text with a unit; write a time such as 2h30m' })
    .superRefine((text, context) => {
      const parsed = parseSpan(text)
      if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem })
      else if (parsed.value < 0) {
        context.addIssue({ code: 'custom', message: `"${text}" is less than zero; zero or more`
          + ' would do' })
      }
    })
    .meta({ description: about, examples })

/** A text that one of several quantities reads, such as "25 MW" or "25 %". */
const either = (about: string, examples: string[], problemOf: (text: string) => string) =>
  z.string({ error: () => `this is no text with a unit; ${examples.join(' or ')} would do` })
    .superRefine((text, context) => {
      const message = problemOf(text)
      if (message !== '') context.addIssue({ code: 'custom', message })
    })
    .meta({ description: about, examples })

/** "25 %" is a share of the baseline that is cut, all else a draw. */
export function isShare(text: string): boolean {
  return text.includes('%')
}

function targetProblem(text: string): string {
  const parsed = parseQuantity(text, isShare(text) ? 'ratio' : 'power')
  if ('problem' in parsed) return `${parsed.problem}; or write a share such as 25 %`
  if (parsed.value < 0 || (isShare(text) && parsed.value > 1)) {
    return `"${text}" is out of range; 0 to 100 %, or zero watts and more, would do`
  }
  return ''
}

function rampProblem(text: string): string {
  const rate = /^(.*%)\s*\/\s*min$/.exec(text)
  const parsed = rate === null ? parseSpan(text) : parseQuantity(rate[1]!, 'ratio')
  if ('problem' in parsed) return `${parsed.problem}; or write a rate such as 3 %/min`
  if (rate !== null && parsed.value <= 0) return `"${text}" never ends; more than zero would do`
  return parsed.value < 0 ? `"${text}" is less than zero; zero or more would do` : ''
}

function priceProblem(text: string): string {
  return /^-?[0-9]+(\.[0-9]+)?\s*\$\/MWh$/.test(text) ? ''
    : `"${text}" is no price; a number with $/MWh would do, such as 42 $/MWh`
}

const at = span('When, from the start of the run.', ['2h30m', '90m'])
const lasts = span('How long it lasts.', ['3h', '90m'])
const notice = span('How long before it is known; without it, at once.', ['10m'])
const power = (about: string) => quantity('power', 0, about, ['20 MW', '500 kW'])
const place = (about: string) => z.string().min(1).max(200).meta({ description: about })
const feeder = place('A feeder, site, hall, row or rack by its name.')

const curtail = z.strictObject({
  feeder: feeder.optional(),
  at: at.meta({ description: 'When the target must be reached.' }),
  notice: notice.optional(),
  for: lasts,
  target: either('What may be drawn, or what share of the baseline is cut.', ['25 MW', '25 %'],
    targetProblem),
  rampIn: span('From the baseline down to the target, before `at`.', ['10m']).optional(),
  rampOut: either('From the target up to the baseline, after it: a time, or a share of the '
    + 'baseline a minute.', ['30m', '3 %/min'], rampProblem).optional(),
  baseline: power('What is cut from. Without it, the late mean of the meter when it is known.')
    .optional(),
  cause: z.string().max(200).optional(),
  of: z.enum(['draw', 'import']).meta({
    description: 'Of what: what the feeder draws, or what its site takes of the grid, where its '
      + 'other supplies may stand in. Without it, draw.' }).optional(),
})

const limit = z.strictObject({
  feeder, at, notice: notice.optional(), for: lasts.optional(),
  to: power('Most watts that it delivers meanwhile.'),
})

const price = either('Dollars a megawatt-hour.', ['42 $/MWh'], priceProblem)

const happening = z.strictObject({
  curtail: curtail.optional(),
  limit: limit.optional(),
  budget: limit.optional(),
  feederLost: z.strictObject({ feeder, at, for: lasts }).optional(),
  supplyLost: z.strictObject({
    site: place('The site that loses it.'),
    supply: place('Which: one of those of the factory file, or for people.').optional(),
    watts: power('What is lost, where the factory file names no such supply.').optional(),
    units: z.int().min(1).max(100_000).meta({
      description: 'How many units of a supply of the factory file; without it, all.' }).optional(),
    at, for: lasts,
  }).optional(),
  heatWave: z.strictObject({
    hall: place('One hall.').optional(),
    site: place('Every hall of a site.').optional(),
    at, for: lasts,
    cooling: z.number().min(1).max(5).meta({
      description: 'Facility watts for one IT watt meanwhile.' }).optional(),
    degrees: z.number().min(-60).max(60).meta({
      description: 'Degrees Celsius outdoors meanwhile, where the way to cool depends on them.' })
      .optional(),
    humidity: z.number().min(0).max(1).meta({
      description: 'Relative humidity meanwhile; without it, a half.' }).optional(),
  }).optional(),
  meterSilent: z.strictObject({ feeder, at, for: lasts }).optional(),
  nodeLost: z.strictObject({
    node: place('A rack and the number of the node in it, from 1.'), at, for: lasts,
  }).optional(),
  controller: z.strictObject({ at, for: lasts }).optional(),
}).meta({ description: 'One of these keys.' })

export const scenarioSchema = z.strictObject({
  name: z.string().max(200).optional(),
  description: z.string().max(2000).optional(),
  curveError: z.number().min(0).max(0.5).meta({
    description: 'Standard deviation of what each job is off the curve of its class.' }).optional(),
  prices: z.array(z.strictObject({
    site: place('Of which site; without it, of all.').optional(),
    file: place('A CSV with at_s or utc, and price in $/MWh.').optional(),
    list: z.array(z.tuple([span('From when on.', ['0s']), price])).min(1).max(100_000).optional(),
  })).min(1).max(100).optional(),
  weather: z.array(z.strictObject({
    site: place('Of which site; without it, of all.').optional(),
    file: place('A CSV of hours with utc, temp_c and rh_pct.'),
    from: z.string().max(40).meta({
      description: 'The hour with which the run begins; without it, the first.',
      examples: ['2023-07-01'] }).optional(),
  })).min(1).max(100).optional(),
  events: z.array(happening).max(10_000).optional(),
}).meta({ title: 'Millrace scenario file' })

export type ScenarioDocument = z.infer<typeof scenarioSchema>
export type CurtailDocument = z.infer<typeof curtail>
export type LimitDocument = z.infer<typeof limit>
export type HappeningDocument = z.infer<typeof happening>
