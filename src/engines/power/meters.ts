import { amdMeter } from './amd.ts'
import { nvidiaMeter } from './nvidia.ts'
import { raplMeter } from './rapl.ts'
import type { PowerMeter } from './reading.ts'

/**
 * The meters of this machine: of its GPUs by nvidia-smi and amd-smi, of its processors by RAPL;
 * those that answer. A tool that hangs is given up after `limitMs`.
 */
export async function findMeters(limitMs?: number): Promise<PowerMeter[]> {
  const found = await Promise.all([nvidiaMeter(limitMs), amdMeter(limitMs)])
  return [...found, raplMeter()].filter((meter) => meter !== undefined)
}
