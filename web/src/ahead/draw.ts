import type { JobsAhead, PowerHistory } from '../../../src/api/client.ts'
import { powerText } from '../format.ts'
import { ceilingW, placeOf, slicesOf, topOf, type Frame } from './plan.ts'

/** Colours of the page, as a canvas takes them. */
export type Inks = Readonly<Record<
  'ink' | 'soft' | 'edge' | 'panel' | 'bad' | 'warn' | 'accent' | 'idle' | 'other', string>>

export type Scene = {
  readonly plan: JobsAhead & { readonly epochMs: number }
  /** The past of each row, where it is known. */
  readonly past: ReadonlyMap<string, PowerHistory>
  readonly frame: Frame
  readonly nowMs: number
  /** What is chosen; 0 for nothing. */
  readonly atMs: number
  readonly isDark: boolean
  readonly inks: Inks
}

/** Draws all rows. O(rows × jobs × steps). */
export function drawPlan(to: CanvasRenderingContext2D, scene: Scene): void {
  const { frame, plan, inks, nowMs, atMs } = scene
  to.font = '12px system-ui, sans-serif'
  to.textBaseline = 'middle'
  drawHours(to, scene)
  plan.rows.forEach((row, at) => {
    const bottom = frame.top + at * (frame.rowHeight + frame.gap) + frame.rowHeight
    drawRow(to, scene, row, bottom)
  })
  const rows = plan.rows.length
  const end = frame.top + rows * (frame.rowHeight + frame.gap)
  const line = (ms: number, colour: string, dash: number[]) => {
    if (ms < frame.fromMs || ms > frame.untilMs) return
    const x = Math.round(placeOf(frame, ms)) + 0.5
    to.strokeStyle = colour
    to.lineWidth = 2
    to.setLineDash(dash)
    stroke(to, [[x, frame.top - 4], [x, end]])
    to.setLineDash([])
  }
  line(nowMs, inks.ink, [])
  if (atMs !== 0) line(atMs, inks.accent, [5, 3])
}

function drawHours(to: CanvasRenderingContext2D, { frame, plan, inks }: Scene): void {
  const HOUR_MS = 3_600_000
  const hours = (frame.untilMs - frame.fromMs) / HOUR_MS
  const every = [1, 2, 3, 6, 12, 24].find((each) => hours / each * 56 <= frame.width - frame.left)
    ?? 48
  const end = frame.top + plan.rows.length * (frame.rowHeight + frame.gap)
  const first = new Date(frame.fromMs)
  first.setMinutes(0, 0, 0)
  to.lineWidth = 1
  for (let ms = first.getTime(); ms < frame.untilMs; ms += HOUR_MS) {
    const hour = new Date(ms).getHours()
    if (ms < frame.fromMs || hour % every !== 0) continue
    const x = Math.round(placeOf(frame, ms)) + 0.5
    to.strokeStyle = inks.edge
    stroke(to, [[x, frame.top - 4], [x, end]])
    to.fillStyle = inks.soft
    to.textAlign = 'center'
    to.fillText(`${`${hour}`.padStart(2, '0')}:00`, Math.max(frame.left + 18, x), frame.top - 12)
  }
}

type Row = JobsAhead['rows'][number]

function drawRow(
  to: CanvasRenderingContext2D, scene: Scene, row: Row, bottom: number): void {
  const { frame, inks, plan, past } = scene
  const { left, rowHeight, width } = frame
  const topW = topOf(row)
  const y = (watts: number) => bottom - Math.min(1, watts / topW) * rowHeight
  const startMs = plan.epochMs + plan.atMs
  const x = (step: number) => placeOf(frame, startMs + step * plan.stepMs)
  const steps = row.idleW.length
  to.save()
  to.beginPath()
  to.rect(left, bottom - rowHeight, width - left, rowHeight)
  to.clip()
  drawPast(to, scene, past.get(row.feeder), y)
  for (let step = 0; step < steps; step++) {
    const [from, wide] = [x(step), x(step + 1) - x(step) + 0.5]
    to.fillStyle = inks.idle
    to.fillRect(from, y(row.idleW[step]!), wide, bottom - y(row.idleW[step]!))
    const otherTop = y(row.idleW[step]! + row.otherW[step]!)
    to.fillStyle = inks.other
    to.fillRect(from, otherTop, wide, y(row.idleW[step]!) - otherTop)
  }
  slicesOf(row).forEach((slices, at) => drawJob(to, scene, row.jobs[at]!, slices, x, y))
  drawCeiling(to, inks, row, x, y, bottom - rowHeight)
  to.restore()
  to.strokeStyle = inks.soft
  to.lineWidth = 1
  stroke(to, [[left, bottom + 0.5], [width, bottom + 0.5]])
  drawName(to, scene, row, bottom)
}

function drawName(
  to: CanvasRenderingContext2D, { frame, inks }: Scene, row: Row, bottom: number): void {
  const middle = bottom - frame.rowHeight / 2
  to.textAlign = 'left'
  to.fillStyle = inks.ink
  to.font = '600 12px system-ui, sans-serif'
  to.fillText(row.feeder, 0, middle - 8, frame.left - 8)
  to.font = '12px system-ui, sans-serif'
  to.fillStyle = inks.soft
  const limitW = row.limitW[0] as number | null
  to.fillText(limitW === null ? '' : powerText(limitW), 0, middle + 8, frame.left - 8)
}

function drawJob(
  to: CanvasRenderingContext2D, { isDark, inks, frame }: Scene, job: Row['jobs'][number],
  slices: readonly ({ lowW: number, highW: number, isHeld: boolean } | undefined)[],
  x: (step: number) => number, y: (watts: number) => number): void {
  const hue = job.number * 137.508 % 360
  to.fillStyle = `hsl(${hue} ${isDark ? '45% 40%' : '55% 72%'})`
  slices.forEach((slice, step) => {
    if (slice === undefined) return
    const top = y(slice.highW)
    to.fillRect(x(step), top, x(step + 1) - x(step) + 0.5, y(slice.lowW) - top)
  })
  to.strokeStyle = inks.ink
  to.lineWidth = 1
  slices.forEach((slice, step) => {
    if (slice?.isHeld !== true) return
    // Held below the rating: struck through, so that it is not told by colour alone.
    for (let at = x(step); at < x(step + 1); at += 6) {
      stroke(to, [[at, y(slice.lowW)], [at + 5, y(slice.highW)]])
    }
  })
  to.strokeStyle = inks.panel
  outline(to, slices, x, y)
  const first = slices.findIndex((slice) => slice !== undefined)
  const slice = slices[first]
  if (slice === undefined) return
  let end = first
  while (slices[end] !== undefined) end++
  const room = Math.min(x(end), frame.width) - x(first) - 8
  const high = y(slice.lowW) - y(slice.highW)
  const name = job.name
  if (high < 13 || to.measureText(name).width > room) return
  to.fillStyle = inks.ink
  to.textAlign = 'left'
  to.fillText(name, x(first) + 5, y(slice.lowW) - high / 2)
}

function outline(
  to: CanvasRenderingContext2D,
  slices: readonly ({ lowW: number, highW: number } | undefined)[],
  x: (step: number) => number, y: (watts: number) => number): void {
  to.beginPath()
  slices.forEach((slice, step) => {
    if (slice === undefined) return
    if (slices[step - 1] === undefined) {
      to.moveTo(x(step), y(slice.lowW))
      to.lineTo(x(step), y(slice.highW))
    } else {
      to.moveTo(x(step), y(slices[step - 1]!.highW))
      to.lineTo(x(step), y(slice.highW))
    }
    to.lineTo(x(step + 1), y(slice.highW))
    if (slices[step + 1] === undefined) to.lineTo(x(step + 1), y(slice.lowW))
  })
  to.stroke()
}

function drawCeiling(
  to: CanvasRenderingContext2D, inks: Inks, row: Row, x: (step: number) => number,
  y: (watts: number) => number, top: number): void {
  const isTarget = (step: number) => (row.targetW[step] as number | null) !== null
  for (let step = 0; step < row.idleW.length; step++) {
    const watts = ceilingW(row, step)
    if (!Number.isFinite(watts)) continue
    const [from, to2, level] = [x(step), x(step + 1), y(watts)]
    to.strokeStyle = isTarget(step) ? inks.warn : inks.edge
    to.lineWidth = 1
    for (let at = from; at < to2; at += 8) stroke(to, [[at, level], [at + 4, top]])
    to.strokeStyle = isTarget(step) ? inks.warn : inks.bad
    to.lineWidth = 2
    stroke(to, [[from, level], [to2, level]])
    const before = step === 0 ? watts : ceilingW(row, step - 1)
    if (before !== watts && Number.isFinite(before)) stroke(to, [[from, y(before)], [from, level]])
  }
}

function drawPast(
  to: CanvasRenderingContext2D, { frame, inks, nowMs }: Scene, history: PowerHistory | undefined,
  y: (watts: number) => number): void {
  if (history === undefined) return
  const { at, drawW, limitW } = history.samples
  for (let sample = 0; sample < at.length; sample++) {
    const from = placeOf(frame, Date.parse(at[sample]!))
    const end = sample + 1 < at.length ? placeOf(frame, Date.parse(at[sample + 1]!))
      : placeOf(frame, nowMs)
    const watts = drawW[sample] ?? null
    if (watts !== null) {
      to.fillStyle = inks.other
      to.fillRect(from, y(watts), end - from + 0.5, y(0) - y(watts))
    }
    const limit = limitW[sample] ?? null
    if (limit === null) continue
    to.strokeStyle = inks.bad
    to.lineWidth = 2
    stroke(to, [[from, y(limit)], [end, y(limit)]])
  }
}

function stroke(
  to: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  to.beginPath()
  points.forEach(([x, y], at) => {
    if (at === 0) to.moveTo(x, y)
    else to.lineTo(x, y)
  })
  to.stroke()
}
