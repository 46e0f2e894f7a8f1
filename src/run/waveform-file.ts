import { quantityOf, problem, type Problem } from '../catalog/problem.ts'
import { rampTime } from '../base/units.ts'
import {
  waveformSchema, type WaveBattery, type WaveJob, type Waveform, type WaveformDocument,
} from '../model/waveform.ts'
import { readDocument } from './document.ts'

type JobDocument = WaveformDocument['jobs'][number]

/** Reads a waveform file, or throws one InputError with every problem and its place. */
export function readWaveform(path: string): Waveform {
  return compileWaveform(readDocument(path, {
    schema: waveformSchema,
    needed: 'duration and jobs',
    called: 'a waveform file, such as examples/waveform/raw.yaml',
    problems: waveformProblems,
  }))
}

/** Two days of steps of 10 ms, in 0.4 GB. */
const MOST_STEPS = 20_000_000

function waveformProblems(document: WaveformDocument): Problem[] {
  const found: Problem[] = []
  const { steps } = compileWaveform({ ...document, jobs: [] })
  if (steps < 2 || steps > MOST_STEPS) {
    found.push(problem(['duration'], `these are ${steps} steps; 2 to ${MOST_STEPS} would do: `
      + 'change step or duration'))
  }
  const names = document.jobs.map(({ name }) => name)
  document.jobs.forEach((job, at) => {
    const path = ['jobs', at] as const
    if (names.indexOf(job.name) < at) {
      found.push(problem([...path, 'name'],
        `two jobs are called ${job.name}; another name would do`))
    }
    if (job.stop !== undefined && job.crash !== undefined) {
      found.push(problem([...path, 'crash'], 'the job stops and crashes; one of the two would do'))
    }
    if (job.duty !== undefined && job.period === undefined) {
      found.push(problem([...path, 'duty'], 'duty is a share of a period; give the period too'))
    }
    for (const [key, share] of [['duty', job.duty], ['jitter', job.jitter]] as const) {
      if (share === undefined || quantityOf(share, 'ratio') <= (key === 'duty' ? 1 : 0.5)) continue
      found.push(problem([...path, key],
        `${key} is ${share}; up to ${key === 'duty' ? 100 : 50} % would do`))
    }
    for (const key of ['start', 'stop'] as const) {
      const staged = job[key]
      if (staged?.within === undefined || staged.ramp === undefined) continue
      found.push(problem([...path, key, 'ramp'], 'within and ramp say the same; one would do'))
    }
  })
  return found
}

/** A waveform in inner units. */
export function compileWaveform(document: WaveformDocument): Waveform {
  const stepMs = length(document.step, 10)
  return {
    stepMs,
    steps: Math.floor(length(document.duration, 0) / stepMs),
    seed: document.seed ?? 1,
    baseW: watts(document.base, 0),
    jobs: document.jobs.map(compileJob),
    battery: document.battery === undefined ? undefined : compileBattery(document.battery),
  }
}

function compileJob(job: JobDocument): WaveJob {
  const computeW = watts(job.compute, 0)
  const idleW = watts(job.idle, 0)
  const within = (stage: { within?: string | undefined, ramp?: string | undefined } | undefined) =>
    stage?.ramp === undefined ? length(stage?.within, 0)
      : rampTime(Math.abs(computeW - idleW), quantityOf(stage.ramp, 'ramp'))
  const { checkpoint, start, stop, crash, smoothing } = job
  return {
    name: job.name,
    computeW,
    communicationW: watts(job.communication, computeW),
    idleW,
    periodMs: length(job.period, Infinity),
    dutyRatio: ratio(job.duty, 1),
    phaseMs: length(job.phase, 0),
    edgeMs: length(job.edge, 0),
    jitterRatio: ratio(job.jitter, 0),
    checkpoint: {
      everyMs: length(checkpoint?.every, Infinity),
      lastsMs: length(checkpoint?.lasts, 0),
      powerW: watts(checkpoint?.power, computeW),
    },
    start: { atMs: length(start?.at, -Infinity), withinMs: within(start) },
    end: {
      atMs: length(crash?.at ?? stop?.at, Infinity),
      withinMs: crash === undefined ? within(stop) : length(crash.within, 0),
      isHard: crash?.hard ?? false,
    },
    smoothing: {
      floorW: ratio(smoothing?.floor, 0) * computeW,
      upWPerMin: rampOr(smoothing?.up),
      downWPerMin: rampOr(smoothing?.down),
      holdMs: length(smoothing?.hold, 0),
    },
  }
}

function compileBattery(battery: NonNullable<WaveformDocument['battery']>): WaveBattery {
  return {
    powerW: watts(battery.power, 0),
    energyJ: quantityOf(battery.energy, 'energy'),
    chargeRatio: ratio(battery.charge, 0.5),
    responseMs: length(battery.response, RESPONSE_MS),
    efficiencyRatio: ratio(battery.efficiency, ROUND_TRIP_RATIO),
    upWPerMin: quantityOf(battery.rampUp, 'ramp'),
    downWPerMin: quantityOf(battery.rampDown, 'ramp'),
    returnMs: length(battery.return, quantityOf('15m', 'duration')),
  }
}

/** A guess: datasheets say milliseconds to start and full power in under a second. */
const RESPONSE_MS = 20

/** Megapack 2 XL: 91 to 93 % (second hand). */
const ROUND_TRIP_RATIO = 0.92

function watts(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : quantityOf(text, 'power')
}

function length(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : quantityOf(text, 'duration')
}

function ratio(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : quantityOf(text, 'ratio')
}

function rampOr(text: string | undefined): number {
  return text === undefined ? Infinity : quantityOf(text, 'ramp')
}
