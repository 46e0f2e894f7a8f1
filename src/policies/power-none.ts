import { allocate } from '../core/allocate.ts'
import type { PowerPolicy } from './policy.ts'

/** Nothing is ever capped: a job is charged its rating, and starts where that fits. */
export const uncapped: PowerPolicy = {
  name: 'none',
  summary: 'nothing is capped or paused; jobs start where their rating fits',
  isOn: false,
  allocate,
}
