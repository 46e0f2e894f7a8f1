import { allocate } from '../core/allocate.ts'
import type { PowerPolicy } from './policy.ts'

/** Each watt goes where it is worth most; every feeder gets a price. */
export const price: PowerPolicy = {
  name: 'price',
  summary: 'caps and pauses so that the work that is done is worth most: a watt has one price',
  isOn: true,
  hasPrices: true,
  allocate,
}
