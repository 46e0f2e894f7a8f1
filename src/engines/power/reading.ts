/** What is known of a device's power just now. NaN for what its tool does not say. */
export type DeviceReading = {
  /** Name that its tool takes for it, and that stays the same over restarts where it can. */
  readonly id: string
  /** Its place in the tool's order, which is that of CUDA_VISIBLE_DEVICES and the like. */
  readonly index: number
  /** "NVIDIA H100 80GB HBM3"; '' where the tool does not say. */
  readonly name: string
  readonly drawW: number
  /** The cap that is set; another, lower one of a management controller may be in force. */
  readonly capW: number
  /** Lowest of all caps: what it is really held to. */
  readonly enforcedCapW: number
  readonly defaultCapW: number
  readonly leastCapW: number
  readonly mostCapW: number
  readonly clockMHz: number
}

export type MeterReading = {
  readonly devices: readonly DeviceReading[]
  /** What could not be read and why, in sentences. */
  readonly problems: readonly string[]
}

/** Reads the power of some devices of this machine. */
export type PowerMeter = {
  readonly tool: 'nvidia-smi' | 'amd-smi' | 'RAPL'
  readonly read: () => Promise<MeterReading>
}

/** A number as tools print it: "68.21", "68.21 W". NaN for "[N/A]", "[Not Supported]" and such. */
export function numberOf(text: string | undefined): number {
  const match = /^\s*(-?\d+(?:\.\d+)?)(?:\s*[A-Za-z%/]+)?\s*$/.exec(text ?? '')
  return match === null ? NaN : Number(match[1])
}
