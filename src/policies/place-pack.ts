import { fit } from '../core/fit.ts'
import type { PlacePolicy } from './policy.ts'

/** Best fit in the smallest domain: large blocks stay free for large gangs. */
export const pack: PlacePolicy = {
  name: 'pack',
  summary: 'best fit in the smallest domain that holds the gang',
  place: (view, search) => fit(view, { ...search, isSpread: false }),
}
