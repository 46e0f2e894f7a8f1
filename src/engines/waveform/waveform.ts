import { energyOf } from '../../base/units.ts'
import type { Waveform } from '../../model/waveform.ts'
import { Battery } from './battery.ts'
import { JobDemand } from './job.ts'
import { Smoothing } from './smoothing.ts'

/** A site at sub-second scale, one value for each step. */
export type WaveformResult = {
  readonly stepMs: number
  readonly siteW: Float64Array
  readonly gridW: Float64Array
  /** 0 to 1; empty without a battery. */
  readonly chargeRatio: Float64Array
  readonly energy: WaveformEnergy
  /** The furthest that the battery was from what it should give. */
  readonly worstMissW: number
}

export type WaveformEnergy = {
  readonly gridJ: number
  readonly siteJ: number
  /** What the battery holds more at the end than at the start. */
  readonly storedJ: number
  readonly lostJ: number
  /** Burnt and withheld by the smoothing of the devices; both are part of the site's. */
  readonly burntJ: number
  readonly withheldJ: number
  /** Grid minus site minus stored minus lost: nothing but rounding. */
  readonly missingJ: number
}

/**
 * Runs a waveform: fixed steps, the same result for the same input and seed on every machine.
 * O(steps × jobs); 8 bytes for each of three columns a step.
 */
export function runWaveform({ stepMs, steps, seed, baseW, jobs, battery }: Waveform,
): WaveformResult {
  const demands = jobs.map((job) => new JobDemand(job, seed))
  const siteW = new Float64Array(steps)
  const gridW = new Float64Array(steps)
  const chargeRatio = new Float64Array(battery === undefined ? 0 : steps)
  const layers: Smoothing[] = []
  let store: Battery | undefined
  let gridJ = 0
  let siteJ = 0
  for (let step = 0; step < steps; step++) {
    const atMs = step * stepMs
    let loadW = baseW
    for (let job = 0; job < jobs.length; job++) {
      const askedW = demands[job]!.at(atMs)
      layers[job] ??= new Smoothing(jobs[job]!, stepMs, askedW)
      loadW += layers[job]!.next(askedW, atMs)
    }
    if (battery !== undefined) store ??= new Battery(battery, stepMs, loadW)
    const takenW = store === undefined ? loadW : store.next(loadW)
    siteW[step] = loadW
    gridW[step] = takenW
    if (store !== undefined) chargeRatio[step] = store.chargeRatio
    siteJ += energyOf(loadW, stepMs)
    gridJ += energyOf(takenW, stepMs)
  }
  const storedJ = battery === undefined || store === undefined ? 0
    : store.chargeJ - battery.energyJ * battery.chargeRatio
  const lostJ = store?.lostJ ?? 0
  const sum = (of: (layer: Smoothing) => number) =>
    energyOf(layers.reduce((total, layer) => total + of(layer), 0), 1)
  return {
    stepMs, siteW, gridW, chargeRatio,
    energy: {
      gridJ, siteJ, storedJ, lostJ,
      burntJ: sum((layer) => layer.burntWms), withheldJ: sum((layer) => layer.withheldWms),
      missingJ: gridJ - siteJ - storedJ - lostJ,
    },
    worstMissW: store?.worstMissW ?? 0,
  }
}
