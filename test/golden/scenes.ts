/** The runs behind the golden journals: small plants, and between them every kind of event. */
import { MINUTE_MS, type Scene, type ToyJob } from '../schedule.ts'
import { toyPlant } from '../toy-plant.ts'

/** Jobs that differ in everything but come at regular times. */
function jobsOf(count: number, one: (at: number) => Omit<ToyJob, 'id'>): ToyJob[] {
  return Array.from({ length: count }, (_, at) => ({ id: `job-${at}`, ...one(at) }))
}

export const SCENES: Readonly<Record<string, Scene>> = {
  /** Gangs and parts of nodes, checkpoints, and faults that take nodes and racks down. */
  faults: {
    plant: toyPlant({
      sites: [[[[3, 3], [2]]]], systems: [{ gpus: 4 }],
      failures: {
        classes: [
          { name: 'host', ratePerHour: 0.05, unit: 'node', reach: 'node',
            repairMs: [MINUTE_MS, 90 * MINUTE_MS], slowRatio: 1 },
          { name: 'rack', ratePerHour: 0.04, unit: 'rack', reach: 'rack',
            repairMs: [60 * MINUTE_MS, 120 * MINUTE_MS], slowRatio: 1 },
          { name: 'slow', ratePerHour: 0.03, unit: 'device', reach: 'slow',
            repairMs: [30 * MINUTE_MS, 60 * MINUTE_MS], slowRatio: 0.7 },
        ],
        detectMs: 5 * MINUTE_MS, healthCheckMs: MINUTE_MS, launchMs: 20_000, loadMs: 40_000,
        checkpointStallMs: 900, checkpointSaveMs: 30_000,
      },
    }),
    policies: 'fifo easy pack',
    jobs: jobsOf(40, (at) => ({
      at: at * 17, work: 20 + ((at * 37) % 140), limit: 60 + ((at * 53) % 200),
      gpus: [4, 1, 8, 16, 3, 24, 2, 6][at % 8]!,
    })),
  },
  /** Two sites with limits and losses, queues with quotas and priorities, and people. */
  power: {
    plant: toyPlant({
      sites: [[[[4, 4]], [[2]]], [[[[1, 4]]]]],
      systems: [{ gpus: 2, deviceIdleW: 20, deviceRatedW: 120 }, { gpus: 4 }],
      limits: { site0: 1900, rack0: 500, hall1: 390, site1: 1400 },
      bases: { site0: 100, rack1: 40 },
      ratios: { hall0: 12_500, rack1: 10_150 },
      queues: [{}, { quotaGpus: 8, priority: 2 }, { pools: [1], priority: -1 }],
    }),
    policies: 'priority easy spread',
    jobs: jobsOf(40, (at) => ({
      at: at * 9, work: 10 + ((at * 29) % 70), gpus: [2, 8, 1, 4, 12, 0, 6][at % 7]!,
      queue: `queue${at % 3}`, priority: at % 4, level: at % 5 === 0 ? 'row' : '',
    })),
    intents: [
      [50, { type: 'drain', first: 2, end: 6, reason: 'fans' }],
      [55, { type: 'hold', job: 3 }],
      [60, { type: 'cancel', job: 1 }],
      [120, { type: 'resume', first: 2, end: 6, reason: '' }],
      [150, { type: 'release', job: 3 }],
      [200, { type: 'hold', job: 5 }],
      [230, { type: 'release', job: 5 }],
    ],
  },
}
