/** Memory in traces comes in several units; a job holds whole or fractional GiB. */

const BYTES_PER_GIB = 1073741824
/** 10^9 over 2^30, exactly. */
const GIB_PER_GB = 0.931322574615478515625
const KIB_PER_GIB = 1048576

export function gibOfBytes(bytes: number): number {
  return bytes / BYTES_PER_GIB
}

export function gibOfGb(gb: number): number {
  return gb * GIB_PER_GB
}

/** The archive's kilobytes are the 1,024 bytes of the systems that it logged. */
export function gibOfKib(kib: number): number {
  return kib / KIB_PER_GIB
}

const SUFFIXES = ['K', 'M', 'G', 'T', 'P']
const GIB_PER_SUFFIX = [1 / 1048576, 1 / 1024, 1, 1024, 1048576]

/** GiB of "64G" or "1.50T" as Slurm prints memory; MiB where no unit follows; NaN for all else. */
export function gibOfSlurm(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)([KMGTP]?)$/.exec(text)
  if (match === null) return NaN
  return Number(match[1]) * GIB_PER_SUFFIX[SUFFIXES.indexOf(match[2] || 'M')]!
}
