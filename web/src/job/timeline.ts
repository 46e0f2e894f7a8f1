/** An event of one job, as the stream of `/v1/events` tells it. */
export type JobEvent = {
  readonly seq: number
  readonly index: number
  readonly at: string
  readonly type: string
  readonly event: Readonly<Record<string, unknown>>
}

export type Doing = 'pending' | 'starting' | 'running' | 'paused'

export type Span = {
  readonly fromMs: number
  readonly untilMs: number
  readonly doing: Doing
  /** Watts of each of its GPUs; undefined where they have their rating. */
  readonly capW: number | undefined
}

/** Types of events that a job has. */
export const TYPES = [
  'job.submitted', 'job.started', 'job.running', 'job.interrupted', 'job.ended', 'job.credited',
  'job.held', 'job.released', 'job.requeued', 'job.checkpoint', 'job.preempted', 'job.reserved',
  'job.capped', 'cap.confirmed', 'job.measured',
] as const

const AFTER: Readonly<Record<string, Doing>> = {
  'job.started': 'starting', 'job.running': 'running', 'job.interrupted': 'pending',
  'job.requeued': 'pending', 'job.preempted': 'pending',
}

/**
 * What a job did from when it came until now, or its end. `ratedW` is where a cap takes nothing
 * away, as far as it is known. O(events).
 */
export function spansOf(
  events: readonly JobEvent[], submittedMs: number, nowMs: number, ratedW?: number): Span[] {
  const spans: Span[] = []
  let at: { fromMs: number, doing: Doing, capW: number | undefined } = {
    fromMs: submittedMs, doing: 'pending', capW: undefined }
  const capOf = (value: unknown) => typeof value !== 'number'
    || (ratedW !== undefined && value >= ratedW) ? undefined : value
  const turn = (toMs: number, doing: Doing, capW: number | undefined) => {
    if (doing === at.doing && capW === at.capW) return
    if (toMs > at.fromMs) spans.push({ ...at, untilMs: toMs })
    at = { fromMs: toMs, doing, capW }
  }
  for (const { at: date, type, event } of events) {
    const ms = Date.parse(date)
    if (type === 'job.ended') {
      if (ms > at.fromMs) spans.push({ ...at, untilMs: ms })
      return spans
    }
    const next = AFTER[type]
    if (type === 'job.started') turn(ms, 'starting', capOf(event['capW']))
    else if (next !== undefined) turn(ms, next, next === 'pending' ? undefined : at.capW)
    else if (type === 'job.capped') {
      const paused = event['capW'] === 0
      const doing = paused ? 'paused' : at.doing === 'paused' ? 'running' : at.doing
      turn(ms, doing, paused ? 0 : capOf(event['capW']))
    }
  }
  if (nowMs > at.fromMs) spans.push({ ...at, untilMs: nowMs })
  return spans
}

/** The cap that takes nothing away: the last one, where the job is said to have its rating now. */
export function ratedIn(events: readonly JobEvent[], capNowW: number | null): number | undefined {
  if (capNowW !== null) return undefined
  const last = events.findLast(({ type }) => type === 'job.capped')?.event['capW']
  return typeof last === 'number' && last > 0 ? last : undefined
}

export type SoFar = {
  /** GPUs times the time in which it held them. */
  readonly gpuHours: number
  readonly pausedGpuHours: number
  /** Above idle; undefined where nothing says what it draws. */
  readonly energyMWh: number | undefined
}

const HOUR_MS = 3_600_000

/**
 * What a job has cost: exact hours, and energy from watts of a GPU, by cap where it has shown them
 * and else as now expected. O(spans + events).
 */
export function soFar(
  spans: readonly Span[], events: readonly JobEvent[], gpus: number, gpuW: number | undefined,
): SoFar {
  const shownW = new Map<number, number>()
  for (const { type, event } of events) {
    if (type === 'job.measured') shownW.set(Number(event['capW']), Number(event['drawW']))
  }
  const anyW = gpuW ?? [...shownW.values()].at(-1)
  let held = 0
  let paused = 0
  let wattHours = 0
  for (const { doing, fromMs, untilMs, capW } of spans) {
    if (doing === 'pending') continue
    const hours = (untilMs - fromMs) / HOUR_MS * gpus
    held += hours
    if (doing === 'paused') paused += hours
    else wattHours += hours * (shownW.get(capW ?? -1) ?? Math.min(anyW ?? 0, capW ?? Infinity))
  }
  return {
    gpuHours: held, pausedGpuHours: paused,
    energyMWh: anyW === undefined ? undefined : wattHours / 1e6,
  }
}
