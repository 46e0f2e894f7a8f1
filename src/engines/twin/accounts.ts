import type { Profile, Progress } from './profiles.ts'

/**
 * Where the GPU time of runs went, in GPU·ms. The parts add up to the time that was held, so work
 * counts by the time that it takes at the run's full speed, and only what is slower is slow.
 */
export class Accounts {
  useful = 0
  checkpoint = 0
  rework = 0
  detection = 0
  restart = 0
  slow = 0
  faults = 0
  /** Useful GPU·ms, and W·ms at the sites, of the jobs of each queue. */
  readonly usefulOf: Float64Array
  readonly energyOf: Float64Array
  readonly faultsByClass = new Map<string, number>()

  constructor(queues: number) {
    this.usefulOf = new Float64Array(queues)
    this.energyOf = new Float64Array(queues)
  }

  fault(name: string): void {
    this.faults++
    this.faultsByClass.set(name, (this.faultsByClass.get(name) ?? 0) + 1)
  }

  launch(gpus: number, ms: number): void {
    this.restart += gpus * ms
  }

  hang(gpus: number, ms: number): void {
    this.detection += gpus * ms
  }

  /** A run that has come to `done` and of which the work up to `keptMs` counts. */
  run(profile: Profile, done: Progress, keptMs: number): void {
    const { gpus, queue, fullSpeed } = profile
    const worked = done.workMs - profile.segmentWorkMs
    const slowed = worked / profile.speed - worked / fullSpeed
    const useful = gpus * (keptMs - profile.firstWorkMs) / fullSpeed
    this.useful += useful
    this.usefulOf[queue] = this.usefulOf[queue]! + useful
    this.rework += gpus * (done.workMs - keptMs) / fullSpeed
    this.checkpoint += gpus * (profile.stalledMs + done.stalledMs)
    this.slow += gpus * (profile.slowedMs + slowed)
  }

  /** A run stops drawing power. */
  energy(profile: Profile, atMs: number): void {
    const openWms = openEnergyWms(profile, atMs)
    const { queue } = profile
    profile.energyWms += openWms
    this.energyOf[queue] = this.energyOf[queue]! + openWms
  }
}

/** W·ms that the present run has drawn since it came up. */
export function openEnergyWms({ facilityW, upAtMs }: Profile, atMs: number): number {
  return facilityW === 0 ? 0 : facilityW * (atMs - upAtMs)
}
