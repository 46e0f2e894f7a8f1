// Curves and a power plan for made-up plants: what is drawn is the cap.
import type { Curves, PowerPlan, System } from '../src/model/index.ts'

/** A cap may go down to `leastRatio` of the rating; throughput is concave: 1 - (1 - cap)². */
export function toyCurves(systems: readonly System[], leastRatio = 0.3): Curves {
  const devices = systems.filter((each) => each.device >= 0)
  const count = Math.max(-1, ...devices.map((each) => each.device)) + 1
  // A type that no system has still has a number.
  const of = (device: number) =>
    devices.find((each) => each.device === device) ?? { deviceIdleW: 0, deviceRatedW: 100 }
  const byDevice = Array.from({ length: count }, (_, device) => {
    const { deviceIdleW, deviceRatedW } = of(device)
    const leastW = Math.max(deviceIdleW, Math.ceil(deviceRatedW * leastRatio))
    const capW = [...new Set([leastW, Math.round((leastW + deviceRatedW) / 2), deviceRatedW])]
    return {
      capW,
      speed: capW.map((watts) => 1 - (1 - watts / deviceRatedW) * (1 - watts / deviceRatedW)),
      drawW: capW,
      drawSdW: capW.map(() => 0),
    }
  })
  const pausedW = Array.from({ length: count }, (_, device) => of(device).deviceIdleW)
  return { classes: ['compute'], byClass: [byDevice], pausedW }
}

/** Caps act after 40 s; meters are right, at once, each minute. */
export function toyPower(sites: number, changed: Partial<PowerPlan> = {}): PowerPlan {
  return {
    capMs: 40_000, pauseMs: 60_000, leaseMs: 300_000, meterEveryMs: 60_000, meterDelayMs: 0,
    meterErrorRatio: 0, staleMs: 180_000, breachRatio: 0,
    rampUpWPerMin: Array.from({ length: sites }, () => Infinity),
    rampDownWPerMin: Array.from({ length: sites }, () => Infinity),
    ...changed,
  }
}
