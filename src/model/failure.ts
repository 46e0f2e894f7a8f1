/**
 * What a fault does. It ends the job and takes its node, rack or all below its feeder down for
 * repair; or it ends the job only (none); or it slows the job for a while (slow).
 */
export type FaultReach = 'none' | 'slow' | 'node' | 'rack' | 'feeder'

/** One class of faults. Rates of all classes superpose into one stream of faults. */
export type FaultClass = {
  /** device, node, link, host, software, rack or feeder; shown in reports. */
  readonly name: string
  /** Faults of one unit (a device, a node, a rack, a feeder) in an hour of its life. */
  readonly ratePerHour: number
  readonly unit: 'device' | 'node' | 'rack' | 'feeder'
  readonly reach: FaultReach
  /** Repair, or the slow time, is spread evenly from the first to the second. */
  readonly repairMs: readonly [number, number]
  /** Speed of a job that it slows, 0 to 1; 1 for classes that slow nothing. */
  readonly slowRatio: number
}

/** How the twin fails and recovers. Every number has its source in the catalogue. */
export type FailurePlan = {
  readonly classes: readonly FaultClass[]
  /** From the fault to the report of it: the gang hangs meanwhile. */
  readonly detectMs: number
  /** Test of a repaired node before it serves again. */
  readonly healthCheckMs: number
  /** From the order to start to the first step of a fresh job. */
  readonly launchMs: number
  /** Reading a checkpoint back, on top of the launch, when a job starts again. */
  readonly loadMs: number
  /** The stall of one checkpoint, for a job that does not say. */
  readonly checkpointStallMs: number
  /** How long a checkpoint is written in the background before it counts. */
  readonly checkpointSaveMs: number
}

/** No failures, no start-up time: what list-scheduling comparisons assume. */
export const NO_FAILURES: FailurePlan = {
  classes: [],
  detectMs: 0,
  healthCheckMs: 0,
  launchMs: 0,
  loadMs: 0,
  checkpointStallMs: 0,
  checkpointSaveMs: 0,
}
