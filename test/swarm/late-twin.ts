/** A twin whose answers get lost, come late, twice and out of order; its telemetry is noisy. */
import { randomStream, type RandomStream } from '../../src/base/random.ts'
import type { State } from '../../src/core/state.ts'
import { Twin } from '../../src/engines/twin/twin.ts'
import type { Report } from '../../src/model/index.ts'
import { between, chance } from './random-choice.ts'
import type { World } from './world.ts'

/** Share of the answers to caps that get lost, come twice and come late, and how late at most. */
const LOST_RATIO = 0.1
const TWICE_RATIO = 0.2
const LATE_RATIO = 0.3
const LATE_MS = 300_000

/** Deviation of what telemetry says a job does, as a share. */
const NOISE = 0.03

export class LateTwin extends Twin {
  /** Nodes that are switched off for repair. */
  readonly offNodes = new Set<number>()
  private readonly random: RandomStream
  private readonly world: World
  private readonly waiting: { readonly atMs: number, readonly report: Report }[] = []

  constructor(state: State, world: World) {
    const { power } = world
    super(state, world.seed, power === undefined ? {} : { ...power, named: [] })
    this.random = randomStream(world.seed, 'late')
    this.world = world
  }

  override nextAtMs(): number {
    return this.waiting.reduce((least, { atMs }) => Math.min(least, atMs), super.nextAtMs())
  }

  override collect(atMs: number, reports: Report[]): void {
    const { power } = this.world
    const isLossy = power?.features.has('lost answers') === true
    const isNoisy = power?.features.has('noisy measures') === true
    const fresh: Report[] = []
    super.collect(atMs, fresh)
    for (const report of fresh) this.note(report)
    for (const report of fresh) {
      if (report.type === 'job.measured' && isNoisy) reports.push(this.noisy(report))
      else if (report.type === 'cap' && isLossy) this.carry(report, atMs, reports)
      else reports.push(report)
    }
    for (let at = 0; at < this.waiting.length; at++) {
      if (this.waiting[at]!.atMs <= atMs) reports.push(this.waiting.splice(at--, 1)[0]!.report)
    }
  }

  private note(report: Report): void {
    if (report.type !== 'nodes.lost' && report.type !== 'nodes.healthy') return
    for (let node = report.first; node < report.end; node++) {
      if (report.type === 'nodes.lost') this.offNodes.add(node)
      else this.offNodes.delete(node)
    }
  }

  private carry(report: Report, atMs: number, reports: Report[]): void {
    const { random } = this
    if (chance(random, LOST_RATIO)) return
    for (let left = chance(random, TWICE_RATIO) ? 2 : 1; left > 0; left--) {
      if (!chance(random, LATE_RATIO)) reports.push(report)
      else this.waiting.push({ atMs: atMs + between(random, 1, LATE_MS), report })
    }
  }

  private noisy(report: Extract<Report, { type: 'job.measured' }>): Report {
    const factor = () => Math.max(0.1, 1 + NOISE * this.random.normal())
    return {
      ...report, speed: Math.min(1, report.speed * factor()),
      drawW: Math.round(report.drawW * factor()),
    }
  }
}
