import { allocateByPriority } from '../core/allocate-priority.ts'
import type { PowerPolicy } from './policy.ts'

/** The lowest priority gives up all that it can before the next one is asked. */
export const cutByPriority: PowerPolicy = {
  name: 'by-priority',
  summary: 'jobs of the lowest priority are capped, then paused, before the next are touched',
  isOn: true,
  allocate: allocateByPriority,
}
