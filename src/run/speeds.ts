import { PLAIN, refusal, type Plant, type Refusal } from '../model/index.ts'

/**
 * Throughput of a job by device type, from what its trace says: "H100=1,B200=2.1", or a class of
 * work of the catalogue by name. Types that the factory has not are passed over; where it has only
 * one, nothing differs.
 */
export function speedsOf(plant: Plant, text: string): readonly number[] | Refusal {
  if (text === '') return PLAIN.speeds
  const known = plant.speeds.classes.find((each) => each.name === text)
  const isNeeded = plant.devices.length > 1
  if (known !== undefined) return isNeeded ? known.byDevice : PLAIN.speeds
  const speeds = plant.devices.map(() => 0)
  let hasOwn = false
  for (const pair of text.split(',')) {
    const [name = '', value = ''] = pair.split('=', 2).map((part) => part.trim())
    const speed = Number(value)
    if (value === '' || !(speed > 0)) return unreadable(plant, pair)
    const device = plant.devices.indexOf(name)
    if (device < 0) continue
    speeds[device] = speed
    hasOwn = true
  }
  if (hasOwn) return isNeeded ? speeds : PLAIN.speeds
  return refusal('no-such-device', `The speeds "${text}" name no device type of this factory; it `
    + `has ${plant.devices.join(', ')}.`)
}

function unreadable(plant: Plant, pair: string): Refusal {
  const classes = plant.speeds.classes.map((each) => each.name)
  return refusal('out-of-range', `"${pair}" is no speed; write throughput by device type, such as `
    + `H100=1,B200=2.1, or a class of work: ${classes.join(', ')}.`)
}
