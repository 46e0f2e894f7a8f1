import { allocate } from '../../src/core/allocate.ts'
import { columnsOf, type PowerJob, type PowerTree } from '../../src/core/allocate-input.ts'

/**
 * A fixed budget with more GPUs than it feeds at full power. A job is a server of 8 GPUs that can
 * be off or run at a cap; its grant for each GPU is the cap and the GPU's share of the server.
 */

/** arXiv 2603.16164, Table 3 (LLaMA-3-8B), and the draw under each cap, arXiv 2604.11391. */
export const CAPS_W = [200, 300, 400, 500, 600, 700]
export const SPEED = [0.320, 0.594, 0.821, 0.915, 0.966, 1]
export const DRAW_W = [199, 298, 395, 493, 591, 647]
/** Power of a server besides its GPUs, per GPU: 0.53 x 700 W (Epoch AI 2025). */
export const SERVER_W = 371
const GPUS = 8

/**
 * Work against running as many servers as the budget feeds at full power: `surplus` times as many
 * are there. By draw, the budget is one of mean draw, else of grants.
 */
export function gainOf(servers: number, surplus: number, isByDraw: boolean): number {
  const fullW = SERVER_W + (isByDraw ? DRAW_W : CAPS_W).at(-1)!
  const budgetW = servers * GPUS * fullW
  const tree: PowerTree = {
    parent: Int32Array.of(-1), ratioPer10k: Int32Array.of(10_000), baseW: Float64Array.of(0),
    limitW: Float64Array.of(isByDraw ? Infinity : budgetW),
    targetW: Float64Array.of(isByDraw ? budgetW : Infinity),
  }
  const job: PowerJob = {
    feeders: [0], devices: [GPUS], priority: 0,
    options: {
      grantW: [0, ...CAPS_W.map((watts) => watts + SERVER_W)],
      drawW: [0, ...DRAW_W.map((watts) => watts + SERVER_W)],
      value: [0, ...SPEED.map((speed) => GPUS * speed)], canPause: true,
    },
  }
  const jobs = columnsOf(Array.from({ length: Math.round(servers * surplus) }, () => job))
  return allocate(tree, jobs).value / (servers * GPUS)
}
