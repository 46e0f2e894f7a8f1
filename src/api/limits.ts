import type * as z from 'zod'
import { NEVER_MS } from '../core/windows.ts'
import type { LimitCourse } from '../model/index.ts'
import type { Controller } from '../run/live/controller.ts'
import type { Curtailment } from '../run/scenario.ts'
import { momentOf } from './moment.ts'
import { feederOf } from './places.ts'
import { ProblemError } from './problem.ts'
import type { curtailBody, limitBody } from './schema-plant.ts'

/** A limit that somebody wrote, in times of the run. */
export function courseOf(
  { clock, state }: Controller, body: z.output<typeof limitBody>): LimitCourse {
  const { watts, kind, cause } = body
  const startAtMs = body.from === undefined ? Math.floor(clock.nowMs())
    : momentOf(clock, body.from)
  const endAtMs = body.until === undefined ? NEVER_MS : momentOf(clock, body.until)
  return {
    feeder: feederOf(state().layout.plant, body.feeder), kind, watts, fromW: watts, startAtMs,
    holdAtMs: startAtMs, holdEndAtMs: endAtMs, endAtMs, cause,
  }
}

/** A request of the grid in times of the run; its baseline is found when it is carried out. */
export function curtailmentOf(
  { clock, state }: Controller, body: z.output<typeof curtailBody>): Curtailment {
  const { targetW, cutRatio, rampDownMs, rampUpMs: rampOutMs, baselineW, cause } = body
  if ((targetW === undefined) === (cutRatio === undefined)) {
    throw new ProblemError('bad-request', 'body: say targetW, watts that may be drawn, or '
      + 'cutRatio, the share that is cut, and not both.', { need: 'targetW or cutRatio',
      have: targetW === undefined ? 'neither' : 'both', remedy: 'Say one of the two.' })
  }
  const { layout, tables, totals } = state()
  const { plant } = layout
  const feeder = body.feeder === '' ? plant.sites[0]!.feeder : feederOf(plant, body.feeder)
  // Where nothing is metered and no policy looks after draw, what is granted stands for it.
  const isUnknown = totals.isPowered === 0 && tables.feeders.meteredAtMs[feeder]! < 0
  const grantedW = isUnknown ? tables.feeders.grantW[feeder]! : -1
  const nowMs = Math.floor(clock.nowMs())
  const holdAtMs = body.at === undefined ? nowMs + body.noticeMs : momentOf(clock, body.at)
  return {
    feeder, noticeAtMs: nowMs, startAtMs: Math.max(0, holdAtMs - rampDownMs), holdAtMs,
    holdEndAtMs: holdAtMs + body.forMs, targetW: targetW ?? -1, cutRatio: cutRatio ?? -1,
    rampOutMs, rampOutRatioPerMs: 0, baselineW: baselineW ?? grantedW, cause,
  }
}
