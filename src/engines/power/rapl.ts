import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatDuration, joulesOfMicro, meanPower, wattsOfMicro } from '../../base/units.ts'
import type { DeviceReading, MeterReading, PowerMeter } from './reading.ts'

const ROOT = '/sys/class/powercap'

type Zone = { readonly path: string, readonly name: string, readonly rangeUj: number }

/**
 * Processors by Intel's and AMD's counters of energy: each package, and its memory where that is
 * counted apart. Draw is the mean since the last reading, so the first one has none. Undefined
 * where the system has no such counters. `clockMs` is a monotonic clock.
 */
export function raplMeter(
  root: string = ROOT, clockMs: () => number = () => performance.now()): PowerMeter | undefined {
  const zones = zonesIn(root)
  if (zones.length === 0) return undefined
  const before = new Map<string, { uj: number, atMs: number }>()
  return {
    tool: 'RAPL',
    read: () => Promise.resolve(readZones(zones, before, clockMs())),
  }
}

/** intel-rapl:0 is a package; intel-rapl:0:0 a part of it, of which only memory adds to it. */
function zonesIn(root: string): Zone[] {
  let entries: string[]
  try {
    entries = readdirSync(root)
  } catch {
    return []
  }
  const zones: Zone[] = []
  for (const entry of entries.toSorted()) {
    if (!/^intel-rapl(:\d+){1,2}$/.test(entry)) continue
    const path = join(root, entry)
    const name = textOf(path, 'name') ?? ''
    const rangeUj = Number(textOf(path, 'max_energy_range_uj') ?? NaN)
    const isMemory = name.startsWith('dram')
    if (name.startsWith('package') || isMemory) zones.push({ path, name, rangeUj })
  }
  return zones
}

function readZones(
  zones: readonly Zone[], before: Map<string, { uj: number, atMs: number }>, atMs: number,
): MeterReading {
  const problems = new Set<string>()
  const devices = zones.map(({ path, name, rangeUj }, index): DeviceReading => {
    const uj = counterOf(path, problems)
    const last = before.get(path)
    if (Number.isNaN(uj)) before.delete(path)
    else before.set(path, { uj, atMs })
    const mostCapW = wattsOfMicro(Number(textOf(path, 'constraint_0_max_power_uw') ?? NaN))
    const capW = wattsOfMicro(Number(textOf(path, 'constraint_0_power_limit_uw') ?? NaN))
    let drawW = NaN
    if (last !== undefined && !Number.isNaN(uj) && atMs > last.atMs) {
      // The counter begins again at 0 after its range.
      const goneUj = uj >= last.uj ? uj - last.uj : uj + rangeUj - last.uj
      const ms = atMs - last.atMs
      drawW = meanPower(joulesOfMicro(goneUj), ms)
      // In so long a time it may have begun again more than once.
      if (meanPower(joulesOfMicro(rangeUj), ms) < (mostCapW || capW || SURELY_W)) {
        problems.add('The counters of energy were not read for '
          + `${formatDuration(ms)}, in which they may have begun again; that draw is not known.`)
        drawW = NaN
      }
    }
    return {
      id: name, index, name, drawW, capW, enforcedCapW: capW, defaultCapW: NaN, leastCapW: NaN,
      mostCapW, clockMHz: NaN,
    }
  })
  return { devices, problems: [...problems] }
}

/** No processor's package is rated above it. */
const SURELY_W = 1000

function counterOf(path: string, problems: Set<string>): number {
  try {
    return Number(readFileSync(join(path, 'energy_uj'), 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    // Since CVE-2020-8694 the counters tell of secrets, and only root may read them.
    problems.add(code === 'EACCES' || code === 'EPERM'
      ? `The counters of energy below ${ROOT} are for root only (CVE-2020-8694). Start as root, or `
        + 'let the administrator make energy_uj readable for a group.'
      : `The counter of energy ${path} cannot be read (${code}).`)
    return NaN
  }
}

function textOf(path: string, file: string): string | undefined {
  try {
    return readFileSync(join(path, file), 'utf8').trim()
  } catch {
    return undefined
  }
}
