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
  /** What caps made slower, and what stood paused. */
  capped = 0
  suspended = 0
  faults = 0
  /** Useful GPU·ms, and W·ms at the sites, of the jobs of each queue. */
  readonly usefulOf: Float64Array
  readonly energyOf: Float64Array
  private lostGpus = 0
  private lostGpuMs = 0
  private lostAtMs = 0
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

  /** GPUs that caps and pauses take from work, from `atMs` on by so many more. */
  lose(atMs: number, byGpus: number): void {
    this.lostGpuMs = this.lostBy(atMs)
    this.lostAtMs = atMs
    this.lostGpus += byGpus
  }

  /** GPU·ms that caps and pauses took up to `atMs`, which is no earlier than their last change. */
  lostBy(atMs: number): number {
    return this.lostGpuMs + this.lostGpus * (atMs - this.lostAtMs)
  }

  pause(gpus: number, ms: number): void {
    this.suspended += gpus * ms
  }

  /** A run that has come to `done` and of which the work up to `keptMs` counts. */
  run(profile: Profile, done: Progress, keptMs: number): void {
    const { gpus, queue, fullSpeed } = profile
    const worked = done.workMs - profile.segmentWorkMs
    const slowed = worked / profile.speed - worked / fullSpeed
    const { cappedMs, slowMs } = lossesOf(profile, worked, slowed)
    const useful = gpus * (keptMs - profile.firstWorkMs) / fullSpeed
    this.useful += useful
    this.usefulOf[queue] = this.usefulOf[queue]! + useful
    this.rework += gpus * (done.workMs - keptMs) / fullSpeed
    this.checkpoint += gpus * (profile.stalledMs + done.stalledMs)
    this.slow += gpus * (profile.slowedMs + slowMs)
    this.capped += gpus * (profile.cappedMs + cappedMs)
  }

  /** A run draws something else from now on, or nothing. */
  energy(profile: Profile, atMs: number): void {
    const openWms = openEnergyWms(profile, atMs)
    const { queue } = profile
    profile.energyWms += openWms
    this.energyOf[queue] = this.energyOf[queue]! + openWms
  }
}

/** Time lost in a segment, by its cap and by slowed devices, of `lostMs` in all. */
export function lossesOf(
  { capSpeed, slowRatio, fullSpeed }: Profile, workedMs: number, lostMs: number,
): { readonly cappedMs: number, readonly slowMs: number } {
  if (capSpeed === 1) return { cappedMs: 0, slowMs: lostMs }
  const cappedMs = slowRatio === 1 ? lostMs
    : workedMs / (fullSpeed * capSpeed) - workedMs / fullSpeed
  return { cappedMs, slowMs: lostMs - cappedMs }
}

/** W·ms that the present run has drawn since its draw last changed. */
export function openEnergyWms({ facilityW, drawAtMs }: Profile, atMs: number): number {
  return facilityW === 0 ? 0 : facilityW * (atMs - drawAtMs)
}
