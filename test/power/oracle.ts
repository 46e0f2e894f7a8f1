import highsModule from 'highs'
import type { PowerCase } from './random-power.ts'

/** The package says CommonJS for its types; what Node loads is the module, whose default it is. */
const loadHighs = highsModule as unknown as typeof highsModule.default

/**
 * The same problem for HiGHS, written anew: a variable for each point of each job, a row for each
 * job and for each limit. With `isWhole`, a pause is all or nothing and cuts of non-concave curves
 * lie between neighbours; else any mix of points goes, which is the concave hull.
 */
export async function makeOracle(): Promise<Oracle> {
  const highs = await loadHighs()
  return {
    best({ tree, jobs }, isWhole = false) {
      const count = jobs.pointStart.length - 1
      const points = jobs.pointStart[count]!
      const rows: { below: number; upTo: number; terms: Map<number, number> }[] = []
      for (let job = 0; job < count; job++) {
        const terms = new Map<number, number>()
        for (let k = jobs.pointStart[job]!; k < jobs.pointStart[job + 1]!; k++) terms.set(k, 1)
        rows.push({ below: 1, upTo: 1, terms })
      }
      for (const isDraw of [false, true]) rows.push(...limitRows({ tree, jobs }, isDraw))
      const extra = isWhole ? wholeRows({ tree, jobs }, points) : { columns: 0, rows: [] }
      rows.push(...extra.rows)
      const columns = points + extra.columns
      const starts = [0]
      const indices: number[] = []
      const values: number[] = []
      for (const { terms } of rows) {
        for (const [column, factor] of terms) {
          indices.push(column)
          values.push(factor)
        }
        starts.push(indices.length)
      }
      const cost = new Float64Array(columns)
      cost.set(jobs.value)
      const upper = new Float64Array(columns).fill(1)
      return highs.withModel({
        numCols: columns, numRows: rows.length, sense: -1, offset: 0,
        colCost: cost, colLower: new Float64Array(columns), colUpper: upper,
        rowLower: Float64Array.from(rows, (row) => row.below),
        rowUpper: Float64Array.from(rows, (row) => row.upTo),
        matrix: {
          format: 'csr', numRows: rows.length, numCols: columns,
          starts: Int32Array.from(starts), indices: Int32Array.from(indices),
          values: Float64Array.from(values),
        },
        ...(isWhole ? {
          integrality: Int32Array.from({ length: columns }, (_, i) => (i < points ? 0 : 1)),
        } : {}),
      } as never, (model) => {
        model.options.set({ 'output_flag': false, 'mip_rel_gap': 1e-5 } as never)
        model.run()
        return model.getObjectiveValue()
      }) as number
    },
  }
}

export type Oracle = {
  /** Most value under every limit. */
  readonly best: (power: PowerCase, isWhole?: boolean) => number
}

type Row = { below: number; upTo: number; terms: Map<number, number> }

function limitRows({ tree, jobs }: PowerCase, isDraw: boolean): Row[] {
  const { parent, ratioPer10k, baseW } = tree
  const most = isDraw ? tree.targetW : tree.limitW
  const terms = Array.from(parent, () => new Map<number, number>())
  const base = [...baseW]
  for (let at = base.length - 1; at > 0; at--) {
    base[parent[at]!]! += base[at]! * ratioPer10k[at]! / 1e4
  }
  for (let job = 0; job + 1 < jobs.pointStart.length; job++) {
    for (let share = jobs.shareStart[job]!; share < jobs.shareStart[job + 1]!; share++) {
      let factor = jobs.shareDevices[share]!
      for (let at = jobs.shareFeeder[share]!; at >= 0; at = parent[at]!) {
        if (most[at]! < Infinity) {
          for (let k = jobs.pointStart[job]!; k < jobs.pointStart[job + 1]!; k++) {
            const watts = factor * (isDraw ? jobs.drawW[k]! : jobs.grantW[k]!)
            terms[at]!.set(k, (terms[at]!.get(k) ?? 0) + watts)
          }
        }
        factor *= ratioPer10k[at]! / 1e4
      }
    }
  }
  return terms.flatMap((row, at) => (row.size === 0 ? []
    : [{ below: -Infinity, upTo: most[at]! - base[at]!, terms: row }]))
}

/** One whole variable for each gap of each job: only the points at its two ends can be mixed. */
function wholeRows({ jobs }: PowerCase, points: number): { columns: number; rows: Row[] } {
  const rows: Row[] = []
  let columns = 0
  for (let job = 0; job + 1 < jobs.pointStart.length; job++) {
    const first = jobs.pointStart[job]!
    const end = jobs.pointStart[job + 1]!
    const one = new Map<number, number>()
    const gaps: number[][] = Array.from({ length: end - first }, () => [])
    const addGap = (...ends: number[]): void => {
      const column = points + columns++
      one.set(column, 1)
      for (const k of ends) gaps[k - first]!.push(column)
    }
    const isPause = jobs.canPause[job] === 1
    if (isPause || end - first === 1) addGap(first)
    if (isPause && end - first === 2) addGap(first + 1)
    for (let k = isPause ? first + 1 : first; k + 1 < end; k++) addGap(k, k + 1)
    rows.push({ below: 1, upTo: 1, terms: one })
    gaps.forEach((columnsOfPoint, i) => {
      const terms = new Map<number, number>([[first + i, 1]])
      for (const column of columnsOfPoint) terms.set(column, -1)
      rows.push({ below: -Infinity, upTo: 0, terms })
    })
  }
  return { columns, rows }
}
