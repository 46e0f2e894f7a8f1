import { fromHours } from '../../base/units.ts'
import { assert } from '../../base/assert.ts'
import type { TraceJob } from '../../model/index.ts'
import { Arrivals, nameOf, type ScaledTrace } from '../../traces/scale.ts'
import type { Source } from '../loop.ts'

const DAY_MS = fromHours(24)

/** Jobs of traces in one cycle, with the time at which it begins. */
type Cycle = { readonly at: number, readonly fromMs: number, readonly arrivals: Arrivals }

/**
 * Traces that come again and again: a cycle lasts whole days, and each draws its jitter anew. What
 * comes after a moment depends on the traces and the seed alone, so a restart goes on behind what
 * the journal has. Names say the cycle, "17.2~3", and so lead back to the job of the trace.
 */
export class EndlessArrivals implements Source {
  private readonly traces: readonly ScaledTrace[]
  private readonly seed: number
  private readonly cycleMs: number
  private readonly cycles: Cycle[] = []
  private head: Cycle | undefined
  /** Rows of the traces by the ids of their jobs, made when it is first asked for. */
  private readonly rows: (Map<string, number> | undefined)[] = []

  /** What comes after `afterMs` of the run; -1: all. Costs a pass over what came in the cycle. */
  constructor(traces: readonly ScaledTrace[], seed: number, afterMs: number) {
    this.traces = traces
    this.seed = seed
    const spanMs = Math.max(...traces.map(({ trace: { jobs }, scale }) =>
      jobs.submitAtMs(jobs.length - 1) - scale.skipMs + 1))
    this.cycleMs = Math.max(1, Math.ceil(spanMs / DAY_MS)) * DAY_MS
    // Jitter may carry the last ones of a cycle into the next ones.
    const jitterMs = Math.max(...traces.map(({ scale }) => scale.jitterMs))
    const back = Math.ceil(jitterMs / this.cycleMs)
    this.open(Math.max(0, Math.floor(Math.max(0, afterMs) / this.cycleMs) - back))
    while (this.peekAtMs() <= afterMs) this.take()
  }

  peekAtMs(): number {
    const first = this.first()
    return first.fromMs + first.arrivals.peekAtMs()
  }

  next(): { readonly job: TraceJob, readonly name: string } {
    return this.take()
  }

  /** The job of the traces that a name of `next` stands for. */
  jobNamed(name: string): TraceJob | undefined {
    const [plain = '', ending = ''] = name.split('~', 2)
    const trace = Number(ending.split('-', 2)[1] ?? 0)
    const jobs = this.traces[trace]?.trace.jobs
    if (jobs === undefined) return undefined
    this.rows[trace] ??= new Map(Array.from(jobs, ({ id }, row) => [id, row]))
    const dot = plain.lastIndexOf('.')
    const row = this.rows[trace].get(plain)
      ?? (dot < 0 ? undefined : this.rows[trace].get(plain.slice(0, dot)))
    return row === undefined ? undefined : jobs.at(row)
  }

  private take(): { readonly job: TraceJob, readonly name: string } {
    const cycle = this.first()
    const { job, copy, traceIndex } = cycle.arrivals.next()
    this.head = undefined
    const ending = traceIndex > 0 ? `~${cycle.at}-${traceIndex}`
      : cycle.at > 0 ? `~${cycle.at}` : ''
    return { job, name: nameOf(job, copy) + ending }
  }

  /** The cycle whose job comes next; of equals the older one. */
  private first(): Cycle {
    if (this.head !== undefined) return this.head
    for (;;) {
      const done = this.cycles.findIndex(({ arrivals }) => arrivals.peekAtMs() === Infinity)
      if (done >= 0 && this.cycles.length > 1) this.cycles.splice(done, 1)
      let best = this.cycles[0]!
      for (const cycle of this.cycles) {
        if (cycle.fromMs + cycle.arrivals.peekAtMs() < best.fromMs + best.arrivals.peekAtMs()) {
          best = cycle
        }
      }
      const newest = this.cycles.at(-1)!
      // The one after the newest may begin before the first of those that are open.
      if (best.fromMs + best.arrivals.peekAtMs() < newest.fromMs + this.cycleMs) {
        this.head = best
        return best
      }
      this.open(newest.at + 1)
    }
  }

  private open(at: number): void {
    const arrivals = new Arrivals(this.traces, this.seed + at)
    assert(arrivals.total > 0, 'endless arrivals need jobs')
    this.cycles.push({ at, fromMs: at * this.cycleMs, arrivals })
  }
}
