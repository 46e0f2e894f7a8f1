import { allocateEvenly } from '../core/allocate-even.ts'
import type { PowerPolicy } from './policy.ts'

/** What many sites do today: all give up the same. */
export const even: PowerPolicy = {
  name: 'even',
  summary: 'all jobs below a feeder that binds give up the same share of their range',
  isOn: true,
  allocate: allocateEvenly,
}
