import type { PreemptPolicy } from './policy.ts'

/** Nobody is stopped for another, whatever its quota or priority. */
export const keep: PreemptPolicy = {
  name: 'none',
  summary: 'a job that runs is never stopped for another',
  takes: () => undefined,
}
