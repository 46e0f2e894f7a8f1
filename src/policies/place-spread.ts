import { fit } from '../core/fit.ts'
import type { PlacePolicy } from './policy.ts'

/** The emptiest domain of the smallest level that holds the gang: heat and watts spread out. */
export const spread: PlacePolicy = {
  name: 'spread',
  summary: 'the emptiest domain of the smallest level that holds the gang',
  place: (view, search) => fit(view, { ...search, isSpread: true }),
}
