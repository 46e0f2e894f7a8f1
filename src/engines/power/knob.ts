import { formatPower } from '../../base/units.ts'
import type { DeviceReading, PowerMeter } from './reading.ts'
import { runTool, type Ran } from './tool.ts'

/**
 * Sets caps on devices of this machine. Nothing in a device makes a cap expire: whoever sets one
 * holds its lease and sets the safe cap when that ends (the supervisor of the job).
 */
export type PowerKnob = {
  /** What it can do, or why pausing is the knob, in one sentence. */
  readonly says: string
  /** Whether caps can be set at all; otherwise jobs can only be paused. */
  readonly canSet: boolean
  /** Names of the devices that take caps, by their place among the machine's. */
  readonly ids: Readonly<Record<number, string>>
  /** Whole watts: the lowest cap that all of them take. */
  readonly leastW: number
  /** Sets one device's cap in whole watts and reads it back. Never throws. */
  readonly set: (id: string, capW: number) => Promise<CapSet>
}

export type CapSet =
  /** What the device says that its cap is now. */
  | { readonly isSet: true, readonly capW: number }
  | { readonly isSet: false, readonly problem: string }

/** Devices round caps to their own steps. */
const NEAR_W = 1

/**
 * The knob for what a meter reads. `isAllowed` is the operator's word (`--caps on`): without it
 * nothing is ever set, since the card may not be ours alone.
 */
export async function capKnob(
  meter: PowerMeter | undefined, isAllowed: boolean, limitMs?: number): Promise<PowerKnob> {
  if (meter === undefined || meter.tool === 'RAPL') {
    return pausing('No device here takes a cap, so pausing jobs is the knob.')
  }
  if (!isAllowed) {
    return pausing(`Caps are off, so pausing jobs is the knob; --caps on lets ${meter.tool} set `
      + 'them.')
  }
  const { devices, problems } = await meter.read()
  const able = devices.filter(({ leastCapW, mostCapW }) => leastCapW < mostCapW)
  if (able.length === 0) {
    return pausing(`${meter.tool} names no range of caps for any device, so pausing jobs is the `
      + `knob.${problems.map((problem) => ` ${problem}`).join('')}`)
  }
  const { tool } = meter
  return {
    canSet: true,
    ids: Object.fromEntries(able.map(({ index, id }) => [index, id])),
    leastW: Math.ceil(Math.max(...able.map((each) => each.leastCapW))),
    says: `${tool} sets caps on ${able.length} of ${devices.length} devices, ${rangeOf(able)}.`,
    set: (id, capW) => setCap(meter, able, id, capW,
      tool === 'nvidia-smi' ? setNvidia(limitMs) : setAmd(limitMs)),
  }
}

function pausing(says: string): PowerKnob {
  return {
    canSet: false, says, ids: {}, leastW: 0,
    set: () => Promise.resolve({ isSet: false, problem: says }),
  }
}

function rangeOf(devices: readonly DeviceReading[]): string {
  const least = Math.max(...devices.map((each) => each.leastCapW))
  const most = Math.min(...devices.map((each) => each.mostCapW))
  return `from ${formatPower(least)} to ${formatPower(most)}`
}

type Setter = (device: DeviceReading, capW: number) => Promise<Ran>

async function setCap(
  meter: PowerMeter, able: readonly DeviceReading[], id: string, capW: number, set: Setter,
): Promise<CapSet> {
  const device = able.find((each) => each.id === id)
  if (device === undefined) {
    return { isSet: false, problem: `${meter.tool} can set no cap on a device ${id}.` }
  }
  const { leastCapW, mostCapW } = device
  if (!Number.isInteger(capW) || capW < leastCapW || capW > mostCapW) {
    return { isSet: false, problem: `A cap of ${capW} W is outside of what device ${id} takes, ${
      formatPower(leastCapW)} to ${formatPower(mostCapW)}.` }
  }
  const ran = await set(device, capW)
  // Both tools have said that all is well, or left with 0, where nothing was set: only the device
  // knows. What nvidia-smi says the cap was before is the default, whatever it was.
  const { devices, problems } = await meter.read()
  const now = devices.find((each) => each.id === id)?.capW ?? NaN
  if (Math.abs(now - capW) < NEAR_W) return { isSet: true, capW: now }
  const said = ran.type === 'failed' ? ran.problem
    : ran.type === 'missing' ? `${meter.tool} is gone` : saidOf(ran.text)
  const why = /insufficient permissions?|permission denied|root|elevat/i.test(said)
    ? `; setting caps takes root` : ''
  return { isSet: false, problem: `Device ${id} has a cap of ${Number.isNaN(now) ? 'unknown watts'
    : `${now} W`} after ${capW} W were asked for (${said}${why}).${
    problems.map((problem) => ` ${problem}`).join('')}` }
}

function saidOf(text: string): string {
  return text.trim().split('\n').map((line) => line.trim()).filter((line) => line !== '').join(' ')
}

function setNvidia(limitMs?: number): Setter {
  return ({ id }, capW) => runTool('nvidia-smi', ['-i', id, '-pl', `${capW}`], limitMs)
}

/** ROCm 7.2 wants the kind of limit before the watts, ROCm before it takes only watts. */
function setAmd(limitMs?: number): Setter {
  return async ({ id }, capW) => {
    const call = (words: readonly string[]) =>
      runTool('amd-smi', ['set', '--gpu', id, '--power-cap', ...words], limitMs)
    const ran = await call([`${capW}`])
    return ran.type === 'failed' && /expected 2 arguments/.test(ran.problem)
      ? call(['ppt0', `${capW}`]) : ran
  }
}
