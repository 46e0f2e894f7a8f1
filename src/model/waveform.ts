import * as z from 'zod'
import { quantity } from './schema-quantity.ts'

/**
 * The waveform file: a site at sub-second scale. What it says is plain input; nothing of it comes
 * from a factory file.
 */

const power = (about: string) => quantity('power', 0, about, ['50 MW'])
const ramp = (about: string) => quantity('ramp', 1, about, ['2 MW/s', '20 MW/min'])
const time = (about: string) => quantity('duration', 0, about, ['250ms', '30s'])
const length = (about: string) => quantity('duration', 1, about, ['10ms', '5m'])
const share = (about: string) => quantity('ratio', 0, about, ['70 %'])

const smoothing = z.strictObject({
  floor: share('Least power while the job runs, as a share of its compute power.').optional(),
  up: ramp('Steepest rise that the devices allow; work waits for it.').optional(),
  down: ramp('Steepest fall; the devices burn the difference.').optional(),
  hold: time('How long the power is held before it falls.').optional(),
}).meta({ description: 'Power smoothing by the firmware of the devices.' })

const job = z.strictObject({
  name: z.string().min(1).max(63),
  compute: power('Watts of the whole job while it computes.'),
  communication: power('Watts while it communicates; without it, those of compute.').optional(),
  idle: power('Watts before its start and after its end; without it, 0 W.').optional(),
  period: length('One training step: compute, then communication.').optional(),
  duty: share('Share of the step in which it computes; without it, 100 %.').optional(),
  phase: time('How far into its step it starts.').optional(),
  edge: time('How long the change between compute and communication takes.').optional(),
  jitter: share('How far each step is longer or shorter, at most; without it, 0 %.').optional(),
  checkpoint: z.strictObject({
    every: length('From the start of one checkpoint to the next.'),
    lasts: length('How long one takes.'),
    power: power('Watts meanwhile.'),
  }).optional(),
  start: z.strictObject({
    at: time('When it starts; without a start it runs from the beginning.'),
    within: time('How long all of its devices take to begin.').optional(),
    ramp: ramp('Staged: groups of devices begin one after another at this ramp.').optional(),
  }).optional(),
  stop: z.strictObject({
    at: time('When it ends.'),
    within: time('How long the fall takes.').optional(),
    ramp: ramp('Staged: groups of devices stop one after another at this ramp.').optional(),
  }).optional(),
  crash: z.strictObject({
    at: time('When it crashes: all devices go idle.'),
    within: time('How long the fall takes; without it, 0s.').optional(),
    hard: z.boolean().meta({
      description: 'Whether the devices lose power too, so that their firmware smooths nothing.',
    }).optional(),
  }).optional(),
  smoothing: smoothing.optional(),
})

const battery = z.strictObject({
  power: power('Most that it gives or takes.'),
  energy: quantity('energy', 1, 'What it holds.', ['10 MWh']),
  charge: share('How full it is at the start and where it returns to; without it, 50 %.')
    .optional(),
  response: time('Time constant with which its power follows; without it, 20ms.').optional(),
  efficiency: share('Round trip; without it, 92 %.').optional(),
  rampUp: ramp('Steepest rise that it lets the grid see.'),
  rampDown: ramp('Steepest fall that it lets the grid see.'),
  return: length('How slowly it goes back to its middle; without it, 15m.').optional(),
})

export const waveformSchema = z.strictObject({
  name: z.string().max(63).optional(),
  description: z.string().max(2000).optional(),
  step: length('Length of a step; without it, 10ms.').optional(),
  duration: length('How long the waveform lasts.'),
  seed: z.int().min(0).max(4294967295).meta({ description: 'Of the jitter; without it, 1.' })
    .optional(),
  base: power('Watts that do not change: cooling, network, other work.').optional(),
  jobs: z.array(job).min(1).max(1000),
  battery: battery.optional(),
}).meta({ title: 'Millrace waveform file' })

export type WaveformDocument = z.infer<typeof waveformSchema>

/** The same in inner units. */
export type Waveform = {
  readonly stepMs: number
  readonly steps: number
  readonly seed: number
  readonly baseW: number
  readonly jobs: readonly WaveJob[]
  readonly battery: WaveBattery | undefined
}

export type WaveJob = {
  readonly name: string
  readonly computeW: number
  readonly communicationW: number
  readonly idleW: number
  readonly periodMs: number
  readonly dutyRatio: number
  readonly phaseMs: number
  readonly edgeMs: number
  readonly jitterRatio: number
  /** `everyMs` is Infinity where there are no checkpoints. */
  readonly checkpoint: WaveCheckpoint
  /** How much of the job is there rises from 0 to 1 within `withinMs`. */
  readonly start: { readonly atMs: number, readonly withinMs: number }
  readonly end: { readonly atMs: number, readonly withinMs: number, readonly isHard: boolean }
  readonly smoothing: WaveSmoothing
}

type WaveCheckpoint = {
  readonly everyMs: number
  readonly lastsMs: number
  readonly powerW: number
}

export type WaveSmoothing = {
  readonly floorW: number
  /** Watts a minute, Infinity for any. */
  readonly upWPerMin: number
  readonly downWPerMin: number
  readonly holdMs: number
}

export type WaveBattery = {
  readonly powerW: number
  readonly energyJ: number
  readonly chargeRatio: number
  readonly responseMs: number
  readonly efficiencyRatio: number
  readonly upWPerMin: number
  readonly downWPerMin: number
  readonly returnMs: number
}
