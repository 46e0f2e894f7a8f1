import { fromHours, fromSeconds } from '../../base/units.ts'
import type { RunSeries, Summary } from '../summary.ts'

/** A made-up month of Colossus, for tests of what is shown. None of its numbers were measured. */
export function colossus(changes: Partial<Summary> = {}): Summary {
  return {
    factory: 'colossus',
    gpus: 230_000,
    nodes: 28_750,
    seed: 1,
    policies: { order: 'fair-share', backfill: 'conservative', place: 'pack' },
    traces: [{
      format: 'philly', file: 'data/philly/cluster_job_log.json', jobs: 1_642_550, copies: 14,
      jitterMs: fromHours(1), skipAheadMs: fromHours(24 * 14),
      skipped: [{ cause: 'no GPU asked for', count: 812 }, { cause: 'never started', count: 4123 }],
    }],
    jobs: {
      submitted: 1_642_550, started: 1_640_112, completed: 1_429_798, failed: 180_221,
      cancelled: 28_889, refused: 0, running: 1204, waiting: 2438,
    },
    gpuHours: {
      capacity: 165_600_000, down: 2_318_400, allocated: 137_448_000, stranded: 3_312_000,
      useful: 131_950_080, lostCheckpoint: 2_061_720, lostRework: 1_924_272,
      lostDetection: 412_344, lostRestart: 1_099_584, lostSlow: 0,
      lostCapped: 0, lostPaused: 0,
    },
    utilizationRatio: 0.83,
    goodputRatio: 0.96,
    waitMs: spread(38 * 60, 12, 14 * 60, 11_520),
    jctMs: spread(9400, 1260, 21_600, 259_200),
    waitsBySize: waitsBySize(),
    makespanMs: fromHours(719.6),
    horizonMs: fromHours(720),
    energyMWh: 216_410,
    unassignedMWh: 20_160,
    usage: usage(),
    peakDrawW: 371_200_000,
    meanDrawW: 300_570_000,
    limitW: 397_000_000,
    peakGrantW: 396_998_400,
    failures: 5512,
    failuresByClass: { device: 2890, node: 1011, link: 744, software: 702, host: 131, rack: 31,
      feeder: 3 },
    preemptions: 214,
    restarts: 6120,
    limitedBy: [
      { reason: 'power', at: 'memphis', ratio: 0.61 },
      { reason: 'nodes', at: 'h100', ratio: 0.22 },
      { reason: 'topology', at: 'h100', ratio: 0.11 },
      { reason: 'quota', at: 'grok', ratio: 0.05 },
      { reason: 'reservation', at: 'pretrain-9', ratio: 0.01 },
    ],
    workDelivered: { gpuHours: 131_950_080, ratio: 0.96 }, ...NO_POWER,
    eventCount: 9_812_400,
    decisions: 1_866_310,
    invariantsBroken: 0,
    stateHash: '6f1d0c5a9be27734',
    journalHash: 'b02e4471d95c38ff',
    cpuMs: 12_400,
    wallMs: 12_900,
    peakRssBytes: 712_000_000,
    ...changes,
  }
}

/** Nothing happened to its power, and it has no prices. */
const NO_POWER = {
  cost: null, events: [], price: [], warnings: [],
  supplies: [],
  feederBreaches: { samples: 0, breaches: 0, worstOverW: 0, overMs: 0, meanOverW: 0, byFeeder: [] },
} as const satisfies Partial<Summary>

/** A series of that month: a daily swing, two days of queues, and an evening's grid event. */
export function colossusSeries(points = 1440, spanHours = 720): RunSeries {
  const rows = Array.from({ length: points }, (_, at) => {
    const day = (at / points) * (spanHours / 24)
    const noise = Math.sin(at * 12.9898) * Math.sin(at * 78.233)
    const swing = Math.sin(day * 2 * Math.PI)
    const isCut = day > 17.7 && day < 18
    const up = 226_800 + 900 * Math.sin(day * 3.1) + 300 * noise
    const ramp = Math.min(1, day / 1.2)
    const limitW = isCut ? 330_000_000 : 397_000_000
    const wished = (193_000 + 9000 * swing + 12_000 * Math.sin(day / 4) + 4000 * noise) * ramp
    const busy = Math.min(up, wished, isCut ? 176_000 : Infinity)
    const waiting = Math.max(0, 24_000 * (swing + Math.sin(day / 3)) + (isCut ? 60_000 : 0)
      + 9000 * noise) * ramp
    const drawW = 28_000_000 + busy * 1418 + 900_000 * noise
    return { up, busy, waiting, limitW, drawW,
      grantW: Math.min(limitW, Math.round(30_000_000 + busy * 1830)),
      peakDrawW: Math.min(limitW, drawW * 1.05) }
  })
  const intervalMs = fromHours(spanHours / points)
  return {
    intervalMs,
    atMs: rows.map((_, at) => at * intervalMs),
    gpusUp: rows.map((row) => row.up),
    gpusBusy: rows.map((row) => row.busy),
    gpusWaiting: rows.map((row) => row.waiting),
    jobsWaiting: rows.map((row) => row.waiting / 96),
    grantW: rows.map((row) => row.grantW),
    drawW: rows.map((row) => row.drawW),
    limitW: rows.map((row) => row.limitW),
    peakDrawW: rows.map((row) => row.peakDrawW),
  }
}

/** A factory that nobody used. */
export function idle(changes: Partial<Summary> = {}): Summary {
  const none = spread(0, 0, 0, 0)
  return colossus({
    jobs: { submitted: 0, started: 0, completed: 0, failed: 0, cancelled: 0, refused: 0,
      running: 0, waiting: 0 },
    gpuHours: { capacity: 165_600_000, down: 0, allocated: 0, stranded: 0, useful: 0,
      lostCheckpoint: 0, lostRework: 0, lostDetection: 0, lostRestart: 0, lostSlow: 0,
      lostCapped: 0, lostPaused: 0 },
    traces: [], utilizationRatio: 0, goodputRatio: 0, waitMs: none, jctMs: none, waitsBySize: [],
    usage: [], unassignedMWh: 216_410,
    makespanMs: 0, failures: 0, failuresByClass: {}, preemptions: 0, restarts: 0, limitedBy: [],
    ...changes,
  })
}

function usage(): Summary['usage'] {
  const row = (queue: string, parent: string, part: number, shareRatio: number,
    weightRatio: number) => ({
    queue, parent, gpuHours: 137_448_000 * part, usefulGpuHours: 131_950_080 * part,
    coreHours: parent === '' ? 420_000 * part : 0, energyMWh: 196_250 * part,
    completed: Math.round(1_429_798 * part), meanWaitMs: fromSeconds(2280 * part), shareRatio,
    weightRatio,
  })
  return [
    row('grok', '', 0.7, 0.7, 0.6667), row('pretraining', 'grok', 0.56, 0.8, 0.75),
    row('reinforcement-learning', 'grok', 0.14, 0.2, 0.25), row('research', '', 0.3, 0.3, 0.3333),
  ]
}

function waitsBySize(): Summary['waitsBySize'] {
  return [
    { gpus: '1', jobs: 982_300, started: 982_290, gpuHours: 5_635_368,
      waitMs: spread(40, 0, 20, 240) },
    { gpus: '2-7', jobs: 311_208, started: 311_100, gpuHours: 6_597_504,
      waitMs: spread(90, 4, 75, 900) },
    { gpus: '8', jobs: 240_114, started: 240_080, gpuHours: 12_370_320,
      waitMs: spread(400, 21, 480, 5400) },
    { gpus: '9-63', jobs: 81_450, started: 80_112, gpuHours: 18_830_376,
      waitMs: spread(2400, 260, 6000, 21_600) },
    { gpus: '64-511', jobs: 24_300, started: 23_900, gpuHours: 30_513_456,
      waitMs: spread(7200, 1900, 21_600, 86_400) },
    { gpus: '512-4095', jobs: 3011, started: 2480, gpuHours: 36_698_616,
      waitMs: spread(21_600, 9000, 79_200, 302_400) },
    { gpus: '4096+', jobs: 167, started: 150, gpuHours: 26_802_360,
      waitMs: spread(64_800, 41_000, 180_000, 604_800) },
  ]
}

function spread(mean: number, p50: number, p90: number, p99: number): Summary['waitMs'] {
  return { mean: fromSeconds(mean), p50: fromSeconds(p50), p90: fromSeconds(p90),
    p99: fromSeconds(p99) }
}
