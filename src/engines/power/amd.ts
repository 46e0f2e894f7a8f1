import * as z from 'zod'
import { numberOf, type DeviceReading, type MeterReading, type PowerMeter } from './reading.ts'
import { runTool, type Ran } from './tool.ts'

/** Numbers of amd-smi: {"value": 750, "unit": "W"}, 750, "750 W" or "N/A". */
const quantity = z.union([
  z.object({ value: z.union([z.number(), z.string(), z.null()]) }), z.number(), z.string(),
]).optional().catch(undefined)

const limits = z.object({
  // From ROCm 7.2 on, by package power tracking; ppt0 is the one that counts for long.
  ppt0: z.object({
    max_power_limit: quantity, min_power_limit: quantity, socket_power_limit: quantity,
  }).optional().catch(undefined),
  max_power: quantity, min_power: quantity, socket_power: quantity,
}).optional().catch(undefined)

const entry = z.object({
  gpu: z.int().min(0),
  uuid: z.string().optional().catch(undefined),
  asic: z.object({ market_name: z.string().optional() }).optional().catch(undefined),
  limit: limits,
  power: z.object({
    socket_power: quantity, current_socket_power: quantity, average_socket_power: quantity,
  }).optional().catch(undefined),
  clock: z.object({
    gfx_0: z.object({ clk: quantity }).optional().catch(undefined),
  }).optional().catch(undefined),
})

type Entry = z.infer<typeof entry>

/** A list, or since ROCm 7 an object around it. */
const answer = z.union([z.array(entry), z.object({ gpu_data: z.array(entry) })])

const STATIC = ['static', '--asic', '--limit', '--json'] as const
const METRIC = ['metric', '--power', '--clock', '--json'] as const
const LIST = ['list', '--json'] as const

/** GPUs of AMD, by three calls of amd-smi; undefined where it is not installed. */
export async function amdMeter(limitMs?: number): Promise<PowerMeter | undefined> {
  const call = (words: readonly string[]) => runTool('amd-smi', words, limitMs)
  const list = await call(LIST)
  if (list.type === 'missing') return undefined
  const uuids = new Map(entriesOf(list, []).map(({ gpu, uuid }) => [gpu, uuid]))
  return {
    tool: 'amd-smi',
    read: async () => readingOf(await call(STATIC), await call(METRIC), uuids),
  }
}

function readingOf(
  fixed: Ran, now: Ran, uuids: ReadonlyMap<number, string | undefined>): MeterReading {
  const problems: string[] = []
  const metrics = new Map(entriesOf(now, problems).map((each) => [each.gpu, each]))
  const devices = entriesOf(fixed, problems).map((each): DeviceReading => {
    const { gpu, asic, limit } = each
    const { power, clock } = metrics.get(gpu) ?? {}
    const capW = watts(limit?.ppt0?.socket_power_limit ?? limit?.socket_power)
    return {
      id: uuids.get(gpu) ?? `${gpu}`, index: gpu, name: asic?.market_name ?? '',
      drawW: firstOf(power?.socket_power, power?.current_socket_power, power?.average_socket_power),
      capW, enforcedCapW: capW, defaultCapW: NaN,
      leastCapW: watts(limit?.ppt0?.min_power_limit ?? limit?.min_power),
      mostCapW: watts(limit?.ppt0?.max_power_limit ?? limit?.max_power),
      clockMHz: watts(clock?.gfx_0?.clk),
    }
  })
  return { devices, problems }
}

function entriesOf(ran: Ran, problems: string[]): Entry[] {
  if (ran.type === 'missing') {
    problems.push('amd-smi is gone.')
    return []
  }
  if (ran.type === 'failed') problems.push(`${ran.problem}.`)
  // Warnings may stand before it, such as that of a user who is not in the group render.
  const begin = ran.text.search(/^[[{]/m)
  if (begin < 0) return []
  try {
    const read = answer.parse(JSON.parse(ran.text.slice(begin)))
    return Array.isArray(read) ? read : read.gpu_data
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : ''
    problems.push(`amd-smi printed something that is not its JSON (${why}).`)
    return []
  }
}

function watts(value: z.infer<typeof quantity>): number {
  const inner = typeof value === 'object' ? value.value : value
  return typeof inner === 'number' ? inner : numberOf(inner ?? undefined)
}

function firstOf(...values: readonly z.infer<typeof quantity>[]): number {
  return values.map(watts).find((value) => !Number.isNaN(value)) ?? NaN
}
