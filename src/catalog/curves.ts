import type { Curves } from '../model/curve.ts'
import type { Catalogue } from './catalogue.ts'

/** Curves that know only the lowest cap and the rating. */
export function curvesOf(catalogue: Catalogue, devices: readonly string[]): Curves {
  const all = devices.map((name) => catalogue.devices.find((each) => each.name === name)!)
  const byDevice = all.map(({ numbers, maybe }) => {
    const ratedW = Math.ceil(numbers.ratedW.value)
    const leastW = Math.ceil(maybe.minCapW?.value ?? ratedW / 2)
    const typicalW = Math.min(ratedW, numbers.typicalW.value)
    return {
      capW: [leastW, ratedW], speed: [leastW / ratedW, 1], drawW: [leastW, typicalW],
      drawSdW: [0, 0],
    }
  })
  const pausedW = all.map(({ numbers }) => Math.ceil(numbers.idleW.value))
  return { classes: ['compute'], byClass: [byDevice], pausedW }
}
