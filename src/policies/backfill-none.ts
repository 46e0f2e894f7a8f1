import type { BackfillPolicy } from './policy.ts'

/** Nothing overtakes: strict order. */
export const none: BackfillPolicy = {
  name: 'none',
  summary: 'no job overtakes a blocked one',
  isStrict: true,
  *fill() {},
}
