import { numberOf, type DeviceReading, type MeterReading, type PowerMeter } from './reading.ts'
import { runTool, type Ran } from './tool.ts'

/** Fields of `nvidia-smi --help-query-gpu`; the name is last, since a comma could be in it. */
const FIELDS = [
  'index', 'uuid', 'power.draw', 'power.limit', 'enforced.power.limit', 'power.default_limit',
  'power.min_limit', 'power.max_limit', 'clocks.current.sm', 'name',
] as const

/** GPUs of NVIDIA, by one call of nvidia-smi; undefined where it is not installed. */
export async function nvidiaMeter(limitMs?: number): Promise<PowerMeter | undefined> {
  const call = () => runTool('nvidia-smi', [
    `--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'], limitMs)
  const first = await call()
  if (first.type === 'missing') return undefined
  return { tool: 'nvidia-smi', read: async () => readingOf(await call()) }
}

function readingOf(ran: Ran): MeterReading {
  if (ran.type === 'missing') return { devices: [], problems: ['nvidia-smi is gone.'] }
  const devices: DeviceReading[] = []
  const problems: string[] = []
  for (const line of ran.text.split('\n')) {
    const device = deviceOf(line)
    if (device !== undefined) devices.push(device)
    // Such as "Unable to determine the device handle for GPU0000:41:00.0: Unknown Error".
    else if (/^(Unable|No devices|GPU is lost|Failed|NVIDIA-SMI has failed)/i.test(line)) {
      problems.push(`nvidia-smi: ${line.trim()}`)
    }
  }
  if (ran.type === 'failed' && problems.length === 0) problems.push(`${ran.problem}.`)
  return { devices, problems }
}

function deviceOf(line: string): DeviceReading | undefined {
  const fields = line.split(',').map((field) => field.trim())
  if (fields.length < FIELDS.length || !/^\d+$/.test(fields[0]!)) return undefined
  const [drawW, capW, enforcedCapW, defaultCapW, leastCapW, mostCapW, clockMHz] =
    fields.slice(2, 9).map(numberOf) as [number, number, number, number, number, number, number]
  return {
    id: fields[1]!, index: Number(fields[0]), name: fields.slice(9).join(', '), drawW, capW,
    enforcedCapW, defaultCapW, leastCapW, mostCapW, clockMHz,
  }
}
