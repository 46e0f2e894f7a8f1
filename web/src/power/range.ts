/** Part of a range of time that may be given by the address. */
type Place = { readonly from: string, readonly until: string }

const HOUR_MS = 3_600_000

/** From and until in ms: as the address says, else so many hours around now. */
export function rangeOf(
  { from, until }: Place, nowMs: number, backHours: number, aheadHours: number,
): { readonly fromMs: number, readonly untilMs: number } {
  const fromMs = Date.parse(from)
  const untilMs = Date.parse(until)
  if (Number.isFinite(fromMs) && Number.isFinite(untilMs) && untilMs > fromMs) {
    return { fromMs, untilMs }
  }
  return { fromMs: nowMs - backHours * HOUR_MS, untilMs: nowMs + aheadHours * HOUR_MS }
}
