/** People write and read units; inside there is one unit for each quantity. */

export type Quantity =
  'power' | 'duration' | 'energy' | 'memory' | 'ramp' | 'ratio' | 'frequency' | 'rocof' | 'price'
  | 'demand charge'

type Unit = { readonly name: string; readonly factor: number }

/**
 * Units that are accepted, smallest first; the factor leads to the inner unit: watts, ms, joules,
 * bytes, watts a minute, 0 to 1, hertz, hertz a second, USD/MWh (of fuel: by its heat), USD a watt
 * and month.
 */
const UNITS: Record<Quantity, readonly Unit[]> = {
  power: [
    { name: 'W', factor: 1 },
    { name: 'kW', factor: 1e3 },
    { name: 'MW', factor: 1e6 },
    { name: 'GW', factor: 1e9 },
  ],
  duration: [
    { name: 'ms', factor: 1 },
    { name: 's', factor: 1e3 },
    { name: 'm', factor: 6e4 },
    { name: 'h', factor: 3.6e6 },
    { name: 'd', factor: 8.64e7 },
  ],
  energy: [
    { name: 'J', factor: 1 },
    { name: 'kWh', factor: 3.6e6 },
    { name: 'MWh', factor: 3.6e9 },
    { name: 'GWh', factor: 3.6e12 },
  ],
  memory: [
    { name: 'GB', factor: 1e9 },
    { name: 'GiB', factor: 1073741824 },
    { name: 'TB', factor: 1e12 },
    { name: 'TiB', factor: 1099511627776 },
  ],
  ramp: [
    { name: 'W/min', factor: 1 },
    { name: 'W/s', factor: 60 },
    { name: 'kW/min', factor: 1e3 },
    { name: 'kW/s', factor: 6e4 },
    { name: 'MW/min', factor: 1e6 },
    { name: 'MW/s', factor: 6e7 },
  ],
  ratio: [{ name: '%', factor: 0.01 }],
  frequency: [
    { name: 'Hz', factor: 1 },
    { name: 'kHz', factor: 1e3 },
  ],
  rocof: [{ name: 'Hz/s', factor: 1 }],
  price: [
    { name: 'USD/MWh', factor: 1 },
    { name: 'USD/MMBtu', factor: 1 / 0.29307107017 },
    { name: 'USD/kWh', factor: 1e3 },
  ],
  'demand charge': [
    { name: 'USD/MW-month', factor: 1e-6 },
    { name: 'USD/kW-month', factor: 1e-3 },
  ],
}

export type Parsed = { readonly value: number } | { readonly problem: string }

/** Reads "40 MW", "1.5h" or "90s" into the inner unit, or says what is wrong and what would do. */
export function parseQuantity(text: string, quantity: Quantity): Parsed {
  const units = UNITS[quantity]
  const names = units.map((unit) => unit.name).join(', ')
  const match = /^\s*(-?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-z%][A-Za-z%/-]*|)\s*$/.exec(text)
  if (match === null) return { problem: `"${text}" is not a number with a unit (${names})` }
  const unit = units.find((known) => known.name === match[2])
  if (unit === undefined) {
    const found = match[2] === '' ? 'no unit' : `the unit "${match[2]}"`
    return { problem: `"${text}" has ${found}; a ${quantity} takes ${names}` }
  }
  return { value: Number(match[1]) * unit.factor }
}

/** The unit of power at the end of a column's name, such as power_kw, "Load (MW)" or watts. */
export function powerUnit(column: string): Unit | undefined {
  const match = /(?:^|[^a-z])([kmg]?w|watts)[\])]?$/i.exec(column)
  const name = match?.[1]?.toLowerCase().replace(/^watts$/, 'w')
  return UNITS.power.find((unit) => unit.name.toLowerCase() === name)
}

/** Reads "2h30m", "90s" or "3d 12h" into whole ms: durations one after the other. */
export function parseSpan(text: string): Parsed {
  const parts = text.match(/[0-9.]+ *[A-Za-z]+/g) ?? []
  if (parts.join('').replaceAll(' ', '') !== text.replaceAll(' ', '')) {
    return parseQuantity(text, 'duration')
  }
  let sumMs = 0
  for (const part of parts) {
    const parsed = parseQuantity(part, 'duration')
    if ('problem' in parsed) return parsed
    sumMs += parsed.value
  }
  return { value: Math.round(sumMs) }
}

/** "26.0 MW", "131 kW": three or four digits. */
export function formatPower(watts: number): string {
  return format(watts, UNITS.power)
}

/** "3 d 4 h", "12 min", "48 s", "250 ms": the two largest parts that matter. */
export function formatDuration(ms: number): string {
  const sign = ms < 0 ? '-' : ''
  const size = Math.abs(ms)
  if (size === 0) return '0 s'
  if (size < 1000) return `${sign}${Math.round(size)} ms`
  const seconds = Math.round(size / 1000)
  if (seconds < 60) return `${sign}${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (seconds < 600) return sign + joined(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  if (minutes < 60) return `${sign}${minutes} min`
  if (minutes < 1440) return sign + joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(seconds / 3600)
  return sign + joined(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

export function formatEnergy(joules: number): string {
  return format(joules, UNITS.energy)
}

/** Reads "1-02:03:04", "02:03:04" or "03:04": days, hours, minutes, seconds. NaN for all else. */
export function parseClock(text: string): number {
  const match = /^(?:(?:([0-9]+)-)?([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]+)?)$/.exec(text)
  if (match === null) return NaN
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  return days! * 8.64e7 + hours! * 3.6e6 + minutes! * 6e4 + seconds! * 1e3
}

/** "1-02:03:04" or "02:03:04", as Slurm prints a run time; whole seconds. */
export function formatClock(ms: number): string {
  const seconds = Math.round(ms / 1e3)
  const pair = (value: number) => `${Math.floor(value)}`.padStart(2, '0')
  const days = seconds >= 86400 ? `${Math.floor(seconds / 86400)}-` : ''
  return `${days}${pair((seconds % 86400) / 3600)}:${pair((seconds % 3600) / 60)}:`
    + pair(seconds % 60)
}

/** "12.5 %". Ratios are 0 to 1 inside. */
export function formatRatio(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`
}

/** "12,345": whole numbers for people. */
export function formatCount(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

/** "20.0 MW/min", "2 kW/min". */
export function formatRamp(wattsPerMinute: number): string {
  return `${formatPower(wattsPerMinute)}/min`
}

/** "0.1 Hz", "55 Hz": up to three digits. */
export function formatFrequency(hertz: number): string {
  return `${Number(hertz.toPrecision(3))} Hz`
}

/** Watts a minute that change a power by so many watts in so many ms. */
export function rampOf(watts: number, ms: number): number {
  return (watts / ms) * 6e4
}

/** Of something for one watt, what that is for a megawatt. */
export function perMegawatt(perWatt: number): number {
  return perWatt * 1e6
}

/** Dollars for so many joules at so many dollars a megawatt-hour. */
export function costOf(joules: number, perMWh: number): number {
  return joules / 3.6e9 * perMWh
}

/** Watts that a ramp makes in so many ms. */
export function rampedBy(wattsPerMinute: number, ms: number): number {
  return wattsPerMinute * (ms / 6e4)
}

/** The ms that a ramp takes for so many watts. */
export function rampTime(watts: number, wattsPerMinute: number): number {
  return (watts / wattsPerMinute) * 6e4
}

/** The ms between two readings that just show a frequency: two a period. */
export function readingMsFor(hertz: number): number {
  return 1e3 / hertz / 2
}

/** Length of one period in ms. */
export function periodMs(hertz: number): number {
  return 1e3 / hertz
}

export function toMegawattHours(joules: number): number {
  return joules / 3.6e9
}

export function fromMegawattHours(megawattHours: number): number {
  return megawattHours * 3.6e9
}

export function toKilowattHours(joules: number): number {
  return joules / 3.6e6
}

export function toHours(ms: number): number {
  return ms / 3.6e6
}

export function toSeconds(ms: number): number {
  return ms / 1e3
}

export function fromSeconds(seconds: number): number {
  return seconds * 1e3
}

export function fromMinutes(minutes: number): number {
  return minutes * 6e4
}

export function fromHours(hours: number): number {
  return hours * 3.6e6
}

/** Mean watts that give an energy over a time. */
export function meanPower(joules: number, ms: number): number {
  return (joules * 1e3) / ms
}

export function fromMicroseconds(microseconds: number): number {
  return microseconds / 1e3
}

/** Joules of a constant draw over a time. */
export function energyOf(watts: number, ms: number): number {
  return (watts * ms) / 1e3
}

/** USD for an energy at a price a megawatt-hour. */
export function usdOf(joules: number, usdPerMwh: number): number {
  return (joules / 3.6e9) * usdPerMwh
}

/** USD/MWh of heat for a price in USD/MMBtu. */
export function fromUsdPerMmbtu(usdPerMmbtu: number): number {
  return usdPerMmbtu / 0.29307107017
}

export function perMinuteToPerMs(perMinute: number): number {
  return perMinute / 6e4
}

/** Joules of an integral of watts over milliseconds. */
export function joulesOf(wattMs: number): number {
  return wattMs / 1e3
}

/** Joules of a counter in microjoules. */
export function joulesOfMicro(microjoules: number): number {
  return microjoules / 1e6
}

/** Watts of a limit in microwatts. */
export function wattsOfMicro(microwatts: number): number {
  return microwatts / 1e6
}

export function toWattMs(joules: number): number {
  return joules * 1e3
}

export function fromWattHours(wattHours: number): number {
  return wattHours * 3.6e3
}

/** USD a watt and month for a demand charge in USD/kW-month. */
export function fromUsdPerKwMonth(usdPerKwMonth: number): number {
  return usdPerKwMonth / 1e3
}

function format(value: number, units: readonly Unit[]): string {
  let unit = units[0]!
  for (const larger of units) if (Math.abs(value) >= larger.factor) unit = larger
  const scaled = value / unit.factor
  const digits = Number.isInteger(scaled) && Math.abs(scaled) < 1000 ? 0 : scaled < 100 ? 1 : 0
  return `${scaled.toFixed(digits)} ${unit.name}`
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${large} ${largeUnit}`
  return small === 0 ? head : `${head} ${small} ${smallUnit}`
}
