import * as z from 'zod'
import { quantity } from './schema-quantity.ts'

/**
 * A utility's rule for how a load may change and what it must ride through, as data. It is kept as
 * written, with its units, in the catalogue, in a file of its own or in a factory file.
 */

const ramp = (about: string) => quantity('ramp', 1, about, ['20 MW/min', '0.5 MW/s'])
const power = (about: string) => quantity('power', 1, about, ['10 MW'])
const share = (about: string) => quantity('ratio', 0, about, ['5 %'])
const hertz = (about: string) => quantity('frequency', 0, about, ['0.1 Hz'])
const time = (about: string) => quantity('duration', 1, about, ['5s', '10m'])

const step = z.strictObject({
  change: power('Most that the power may differ, peak to peak, within the window.').optional(),
  changeOfPeak: share('The same as a share of the peak; of two, the lesser counts.').optional(),
  window: time('The rolling window.'),
  from: hertz('Only what is faster than this counts.').optional(),
  to: hertz('Only what is slower than this counts.').optional(),
})

const band = z.strictObject({
  from: hertz('Lowest frequency of the band.'),
  to: hertz('Highest frequency of the band.'),
  swing: power('Most that the power may swing in the band, peak to peak: ±2.5 MW is 5 MW.')
    .optional(),
  swingOfPeak: share('The same as a share of the peak; of two, the lesser counts.').optional(),
})

const unit = z.number().min(0).max(3)

const voltage = z.strictObject({
  from: unit.meta({ description: 'Voltage per unit, from here …' }),
  to: unit.meta({ description: '… to here; without it, all above.' }).optional(),
  for: time('How long the load must stay; without it, always.').optional(),
})

const frequency = z.strictObject({
  from: hertz('Frequency of the grid, from here …'),
  to: hertz('… to here.'),
  for: time('How long the load must stay; without it, always.').optional(),
})

const recover = z.strictObject({
  share: share('Share of the power before the fault that must be back …'),
  atMost: share('… and that it must not exceed.').optional(),
  within: time('How long after the voltage is back.'),
})

export const ruleSchema = z.strictObject({
  title: z.string().max(200).meta({ description: 'Whose rule it is, for people.' }).optional(),
  status: z.string().max(500).meta({ description: 'Proposed, in force, …' }).optional(),
  rampUp: ramp('Most that the power may rise, as a mean over the window.').optional(),
  rampDown: ramp('Most that it may fall, as a mean over the window.').optional(),
  rampUpOfPeak: share('The same a minute, as a share of the peak; the lesser counts.').optional(),
  rampDownOfPeak: share('The same a minute, as a share of the peak; the lesser counts.').optional(),
  rampWindow: time('The rolling window of the ramps; without it, 1m.').optional(),
  rampQuantile: z.strictObject({
    share: share('The share of all windows that must keep the limit.'),
    limit: ramp('The limit, up and down.'),
    window: time('The rolling window; without it, 1m.').optional(),
  }).optional(),
  steps: z.array(step).min(1).max(20).optional(),
  bands: z.array(band).min(1).max(20).optional(),
  voltage: z.array(voltage).min(1).max(20).optional(),
  frequency: z.array(frequency).min(1).max(20).optional(),
  rocof: quantity('rocof', 0, 'Change of frequency to ride through.', ['5 Hz/s']).optional(),
  recover: recover.optional(),
}).meta({ title: 'Millrace utility rule' })

/**
 * A rule as a factory file may say it: the name of one of the catalogue, or one written out.
 * `resolveRule` in catalog/rules.ts reads either.
 */
export const ruleOrName = z.union([z.string(), ruleSchema]).meta({
  description: 'A utility rule of the catalogue by name (`millrace rules list`), or written out.',
  examples: ['ieso', { rampUp: '20 MW/min', rampDown: '20 MW/min' }],
})

export type RuleDocument = z.infer<typeof ruleSchema>

/** The same in inner units. */
export type UtilityRule = {
  readonly name: string
  readonly title: string
  readonly status: string
  readonly ramps: readonly RampLimit[]
  readonly steps: readonly StepLimit[]
  readonly bands: readonly BandLimit[]
  /** Voltage per unit and frequency in Hz; `forMs` is Infinity for always. */
  readonly voltage: readonly RideThrough[]
  readonly frequency: readonly RideThrough[]
  /** Hz a second to ride through; 0 where nothing is said. */
  readonly rocofHzPerS: number
  readonly recover: Recovery | undefined
}

export type RampLimit = {
  readonly direction: 'up' | 'down' | 'both'
  /** Watts a minute; Infinity where only a share of the peak is said, and the other way round. */
  readonly rampWPerMin: number
  readonly peakRatioPerMin: number
  readonly windowMs: number
  /** Share of the windows that must keep it; 1 for all. */
  readonly keptRatio: number
}

export type StepLimit = {
  readonly changeW: number
  readonly peakRatio: number
  readonly windowMs: number
  /** What is filtered out lies below and above; 0 and Infinity where nothing is. */
  readonly fromHz: number
  readonly toHz: number
}

export type BandLimit = {
  readonly fromHz: number
  readonly toHz: number
  readonly swingW: number
  readonly peakRatio: number
}

export type RideThrough = {
  readonly from: number
  readonly to: number
  readonly forMs: number
}

export type Recovery = {
  readonly leastRatio: number
  readonly mostRatio: number
  readonly withinMs: number
}
