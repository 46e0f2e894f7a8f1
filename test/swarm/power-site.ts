/** Curves, delays and rules for a random plant in which caps act. */
import type { RandomStream } from '../../src/base/random.ts'
import type { Curve, Curves, Plant, PowerPlan, System } from '../../src/model/index.ts'
import type { PowerFeature } from './features.ts'
import { between, chance, pick } from './random-choice.ts'

type Has = (feature: PowerFeature) => boolean

/** The plant with other curves and times of caps and meters; its nodes draw what is granted. */
export function poweredPlant(random: RandomStream, has: Has, plant: Plant): Plant {
  const curves = randomCurves(random, has, plant)
  return {
    ...plant,
    curves,
    systems: plant.systems.map((system) => soundSystem(random, system, curves)),
    power: randomPlan(random, has, plant),
  }
}

/** One to three classes of work, each with a curve for each device. */
function randomCurves(random: RandomStream, has: Has, plant: Plant): Curves {
  if (!has('curves')) return plant.curves
  const classes = has('classes') ? ['compute', 'memory', 'idle'].slice(0, between(random, 2, 3))
    : ['compute']
  const systemOf = (device: number) => plant.systems.find((each) => each.device === device)
    ?? { deviceIdleW: 0, deviceRatedW: 100 }
  return {
    classes,
    byClass: classes.map(() => plant.devices.map((_, device) =>
      randomCurve(random, has, systemOf(device)))),
    pausedW: plant.devices.map((_, device) => {
      const { deviceIdleW, deviceRatedW } = systemOf(device)
      // Loaded and still it draws no more than at the lowest cap.
      const mostW = Math.min(deviceRatedW, leastCapW(deviceIdleW, deviceRatedW))
      return deviceIdleW + (mostW - deviceIdleW) * (chance(random, 0.5) ? 0 : random.uniform())
    }),
  }
}

function leastCapW(idleW: number, ratedW: number): number {
  return Math.min(ratedW, Math.max(idleW + 1, Math.ceil(ratedW / 3)))
}

function randomCurve(
  random: RandomStream, has: Has, { deviceIdleW, deviceRatedW }: Pick<System,
    'deviceIdleW' | 'deviceRatedW'>): Curve {
  const leastW = leastCapW(deviceIdleW, deviceRatedW)
  const inner = Array.from({ length: between(random, 0, 5) }, () =>
    between(random, leastW, deviceRatedW))
  const capW = [...new Set([leastW, ...inner, deviceRatedW])].sort((a, b) => a - b)
  const rising = (least: number, most: number) => [
    ...capW.slice(1).map(() => least + (most - least) * random.uniform()), most,
  ].sort((a, b) => a - b)
  const usedRatio = pick(random, [0.6, 0.9, 1])
  const drawn = rising(Math.min(leastW, deviceRatedW * usedRatio), deviceRatedW * usedRatio)
  return {
    capW,
    speed: rising(pick(random, [0.05, 0.3, 0.8]), 1),
    drawW: capW.map((watts, at) => Math.min(watts, drawn[at]!)),
    drawSdW: capW.map((watts) => has('sold over') ? watts * 0.05 * random.uniform() : 0),
  }
}

/** A system whose nodes never draw more than they are granted, idle or at work. */
function soundSystem(random: RandomStream, system: System, curves: Curves): System {
  const { gpus, device, deviceIdleW, deviceRatedW, nodeRatedW } = system
  if (device < 0) return system
  const restW = nodeRatedW - gpus * (deviceRatedW - deviceIdleW)
  const nodeIdleW = Math.min(system.nodeIdleW, restW)
  const unusedW = Math.max(...curves.byClass.map((byDevice) =>
    deviceRatedW - byDevice[device]!.drawW.at(-1)!))
  const mostW = Math.max(nodeIdleW, Math.floor(nodeRatedW - gpus * unusedW))
  return { ...system, nodeIdleW, nodeTypicalW: between(random, nodeIdleW, mostW) }
}

function randomPlan(random: RandomStream, has: Has, { power, sites, failures }: Plant): PowerPlan {
  const capMs = has('late caps') ? pick(random, [1, 500, 40_000, 200_000, 900_000]) : power.capMs
  const meterEveryMs = pick(random, [60_000, 300_000, 900_000])
  const meterDelayMs = has('meters') ? between(random, 0, 120_000) : 0
  const ramps = () => sites.map(() =>
    has('ramps') && chance(random, 0.6) ? between(random, 50, 20_000) : Infinity)
  return {
    capMs,
    pauseMs: capMs + failures.checkpointStallMs + failures.checkpointSaveMs,
    leaseMs: pick(random, [30_000, 300_000, 3_600_000]),
    meterEveryMs,
    meterDelayMs,
    meterErrorRatio: has('meters') ? pick(random, [0, 0.005, 0.05]) : 0,
    staleMs: 3 * meterEveryMs + meterDelayMs,
    breachRatio: has('sold over') ? pick(random, [0.001, 0.01, 0.1]) : 0,
    rampUpWPerMin: ramps(),
    rampDownWPerMin: ramps(),
  }
}
