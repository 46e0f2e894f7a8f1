import { WindowMost } from '../base/window-most.ts'
import { fromMinutes, toHours } from '../base/units.ts'
import { NONE } from '../base/id.ts'
import { floorDrawW } from '../core/limits.ts'
import type { State } from '../core/state.ts'
import type { Twin } from '../engines/twin/twin.ts'
import type { LimitCourse } from '../model/index.ts'
import type { Curtailment } from './scenario.ts'
import type { EventSummary } from './summary.ts'

/** Ramps are judged by what changes within any minute, as utilities write them. */
const MINUTE_MS = fromMinutes(1)

/** How long after its end a return is still watched. */
const RETURN_MS = fromMinutes(30)

/** What a curtailment asks of the core, with the baseline that is known when it is. */
export function courseOf(state: State, curtailment: Curtailment): LimitCourse {
  const { feeder, startAtMs, holdAtMs, holdEndAtMs, cutRatio, cause } = curtailment
  const fromW = baselineW(state, curtailment)
  const wantedW = cutRatio < 0 ? curtailment.targetW : Math.round(fromW * (1 - cutRatio))
  const watts = Math.min(fromW, wantedW)
  const { rampOutMs, rampOutRatioPerMs } = curtailment
  const outMs = rampOutRatioPerMs === 0 ? rampOutMs
    : Math.ceil((fromW - watts) / Math.max(1, fromW) / rampOutRatioPerMs)
  return {
    feeder, kind: 'target', watts, fromW, startAtMs, holdAtMs, holdEndAtMs,
    endAtMs: holdEndAtMs + outMs, cause,
  }
}

/** Whole watts: as it was said, else the late mean of the meter, else what is expected. */
function baselineW(state: State, { feeder, baselineW: said }: Curtailment): number {
  const { meteredAtMs, meanW, drawW } = state.tables.feeders
  if (said >= 0) return said
  return Math.round(meteredAtMs[feeder] === NONE ? drawW[feeder]! : meanW[feeder]!)
}

/** Watches the true draw of a feeder through one curtailment, from its notice on. */
export class CurtailmentWatch {
  private readonly state: State
  private readonly twin: Twin
  private readonly course: LimitCourse
  private readonly noticeAtMs: number
  private readonly lostAtNotice: number
  private lostAtEnd = NaN
  /** Draw of the last minute, the highest, and the lowest turned round. */
  private readonly highs = new WindowMost()
  private readonly lows = new WindowMost()
  private lastW: number
  private sinceMs: number
  private heldWms = 0
  private mostW = 0
  private leastW = Infinity
  private settledAtMs: number
  private rampInW = 0
  private rampOutW = 0
  private floorW = -1
  private isHolding = false

  constructor(state: State, twin: Twin, course: LimitCourse) {
    this.state = state
    this.twin = twin
    this.course = course
    this.noticeAtMs = state.totals.nowMs
    this.lostAtNotice = twin.accounts.lostBy(this.noticeAtMs)
    this.settledAtMs = course.holdAtMs
    this.sinceMs = this.noticeAtMs
    this.lastW = this.drawW()
  }

  /** The draw from now on; until now it was what it was at the last call. */
  turn(): void {
    const { nowMs } = this.state.totals
    const { endAtMs, holdAtMs } = this.course
    if (this.sinceMs > endAtMs + RETURN_MS) return
    this.add(this.sinceMs, nowMs, this.lastW)
    if (nowMs >= endAtMs && Number.isNaN(this.lostAtEnd)) {
      this.lostAtEnd = this.twin.accounts.lostBy(nowMs)
    }
    if (!this.isHolding && nowMs >= holdAtMs) {
      this.isHolding = true
      this.floorW = this.state.totals.isPowered === 1
        ? floorDrawW(this.state, this.course.feeder) : -1
    }
    this.sinceMs = nowMs
    const watts = this.drawW()
    if (watts === this.lastW) return
    this.ramp(nowMs, watts)
    this.lastW = watts
  }

  summary(): EventSummary {
    const { state, twin, course } = this
    this.turn()
    const { feeder, watts, fromW, holdAtMs, holdEndAtMs, cause } = course
    const holdMs = Math.max(0, Math.min(holdEndAtMs, state.totals.nowMs) - holdAtMs)
    const ratioOf = (draw: number) => fromW === 0 ? 0 : (fromW - draw) / fromW
    const heldW = holdMs === 0 ? NaN : this.heldWms / holdMs
    const lostMs = (Number.isNaN(this.lostAtEnd) ? twin.accounts.lostBy(state.totals.nowMs)
      : this.lostAtEnd) - this.lostAtNotice
    const isBelowFloor = this.floorW > watts
    return {
      cause,
      feeder: state.layout.plant.feeders[feeder]!.name,
      noticeAtMs: this.noticeAtMs,
      holdAtMs,
      holdEndAtMs,
      baselineW: fromW,
      asked: { watts, ratio: ratioOf(watts) },
      held: holdMs === 0 ? null : { watts: heldW, ratio: ratioOf(heldW) },
      errorRatio: holdMs === 0 || fromW === 0 ? null : (watts - heldW) / fromW,
      overshootW: Math.max(0, this.mostW - watts),
      dipW: this.leastW === Infinity ? 0 : Math.max(0, watts - this.leastW),
      rampWorstWPerMin: { in: this.rampInW, out: this.rampOutW },
      settledMs: this.settledAtMs - holdAtMs,
      gpuHoursLost: toHours(lostMs),
      ...(isBelowFloor ? { floorW: this.floorW } : {}),
    }
  }

  private drawW(): number {
    return this.twin.power.feeders!.meanW[this.course.feeder]!
  }

  /** It drew so much from one time to another. */
  private add(fromMs: number, untilMs: number, watts: number): void {
    const { holdAtMs, holdEndAtMs } = this.course
    const ms = Math.min(untilMs, holdEndAtMs) - Math.max(fromMs, holdAtMs)
    if (ms <= 0) return
    this.heldWms += watts * ms
    this.mostW = Math.max(this.mostW, watts)
    this.leastW = Math.min(this.leastW, watts)
    if (watts > this.course.watts) this.settledAtMs = Math.min(untilMs, holdEndAtMs)
  }

  /** What changed within the last minute, on the way in and on the way out. */
  private ramp(nowMs: number, watts: number): void {
    const { holdAtMs, holdEndAtMs, endAtMs } = this.course
    const { highs, lows, lastW } = this
    highs.add(nowMs, lastW)
    lows.add(nowMs, -lastW)
    // What held a minute ago is still needed; what ended before is not.
    highs.forget(nowMs - MINUTE_MS)
    lows.forget(nowMs - MINUTE_MS)
    if (nowMs <= holdAtMs) this.rampInW = Math.max(this.rampInW, highs.most() - watts)
    const isReturn = nowMs > holdEndAtMs && nowMs <= endAtMs + RETURN_MS
    if (isReturn) this.rampOutW = Math.max(this.rampOutW, watts + lows.most())
  }
}
