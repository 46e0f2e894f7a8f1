import type { State } from '../core/state.ts'

/** How a factory goes on in several futures, step by step. */
export type Course = Readonly<Record<CourseName, Spread>>

/** For each step the mean of the futures, the least and the most of them. */
export type Spread = {
  readonly mean: readonly number[]
  readonly least: readonly number[]
  readonly most: readonly number[]
}

const FIGURES = {
  busyGpus: ({ totals }: State) => totals.busyGpus,
  waitingGpus: ({ totals }: State) => totals.waitingGpus,
  /** Watts of the sites: what is expected to be drawn, or where nobody looks after it, granted. */
  powerW: ({ layout, tables: { feeders }, totals }: State) => layout.plant.sites.reduce(
    (sum, { feeder }) => sum + (totals.isPowered === 1 ? feeders.drawW : feeders.grantW)[feeder]!,
    0),
}
type CourseName = keyof typeof FIGURES
const NAMES = Object.keys(FIGURES) as CourseName[]

/** Notes figures of one world at each step of each of its futures. */
export class CourseNotes {
  /** By figure, then future, then step. */
  private readonly notes: Record<CourseName, number[][]> = {
    busyGpus: [], waitingGpus: [], powerW: [],
  }

  /** A new future begins, at a state. */
  begin(state: State): void {
    for (const name of NAMES) this.notes[name].push([])
    this.take(state)
  }

  /** O(sites). */
  take(state: State): void {
    for (const name of NAMES) this.notes[name].at(-1)!.push(FIGURES[name](state))
  }

  /** As many steps as the shortest future has: one that was cut is short. */
  course(): Course {
    return {
      busyGpus: spreadOf(this.notes.busyGpus), waitingGpus: spreadOf(this.notes.waitingGpus),
      powerW: spreadOf(this.notes.powerW),
    }
  }
}

function spreadOf(futures: readonly (readonly number[])[]): Spread {
  const steps = Math.min(...futures.map((each) => each.length))
  const at = [...Array(steps).keys()].map((step) => futures.map((each) => each[step]!))
  return {
    mean: at.map((values) => Math.round(values.reduce((sum, each) => sum + each, 0)
      / values.length)),
    least: at.map((values) => Math.min(...values)),
    most: at.map((values) => Math.max(...values)),
  }
}
