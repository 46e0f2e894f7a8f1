/** One measured number beside what it should be. */
export type Row = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal: Goal
  /** The value is CPU time or depends on it: it is also told as a ratio to the calibration. */
  readonly isCpu: boolean
  readonly detail: Readonly<Record<string, number | string>>
}

export type Goal =
  | { readonly most: number }
  | { readonly least: number }
  | { readonly none: true }

/** Something to measure. It runs in a process of its own, so that none warms or spoils another. */
export type Figure = {
  readonly name: string
  /** One line for `--list`. */
  readonly summary: string
  readonly run: () => readonly Row[] | Promise<readonly Row[]>
}

export type Verdict = 'met' | 'near' | 'missed' | ''

/** House rule: a goal that is missed by up to a quarter is marked, by more fails the run. */
const SLIP_RATIO = 0.25

export function verdictOf({ value, goal }: Row): Verdict {
  if ('most' in goal) {
    if (value <= goal.most) return 'met'
    return value <= goal.most * (1 + SLIP_RATIO) ? 'near' : 'missed'
  }
  if ('least' in goal) {
    if (value >= goal.least) return 'met'
    return value >= goal.least * (1 - SLIP_RATIO) ? 'near' : 'missed'
  }
  return ''
}

/** CPU time of this process so far, its start included, in ms. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e3
}

/** CPU time of this thread alone, in ms: what a short piece of work cost, whoever else ran. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e3
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The smallest value that at least `ratio` of the values do not exceed. */
export function quantile(values: readonly number[], ratio: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)]!
}
