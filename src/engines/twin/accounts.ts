import type { Profile, Progress } from './profiles.ts'

/** Where the GPU time of runs went, in GPU·ms. The parts add up to the time that was held. */
export class Accounts {
  useful = 0
  checkpoint = 0
  rework = 0
  detection = 0
  restart = 0
  slow = 0
  faults = 0
  readonly faultsByClass = new Map<string, number>()

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
    const { gpus } = profile
    const worked = done.workMs - profile.segmentWorkMs
    const slowed = worked / profile.speed - worked
    this.useful += gpus * (keptMs - profile.firstWorkMs)
    this.rework += gpus * (done.workMs - keptMs)
    this.checkpoint += gpus * (profile.stalledMs + done.stalledMs)
    this.slow += gpus * (profile.slowedMs + slowed)
  }
}
