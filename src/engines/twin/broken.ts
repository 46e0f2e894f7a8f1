import { NONE } from '../../base/id.ts'
import type { State } from '../../core/state.ts'

/** Nodes that are broken, whether somebody knows it or not. */
export class BrokenNodes {
  count = 0
  private readonly isBroken: Uint8Array

  constructor(nodes: number) {
    this.isBroken = new Uint8Array(nodes)
  }

  has(node: number): boolean {
    return this.isBroken[node] === 1
  }

  /** Adds those of some ranges that are not broken yet, and returns them as ranges. */
  add(ranges: readonly number[]): number[] {
    const fresh: number[] = []
    for (let at = 0; at < ranges.length; at += 2) {
      for (let node = ranges[at]!; node < ranges[at + 1]!; node++) {
        if (this.isBroken[node] === 1) continue
        this.isBroken[node] = 1
        this.count++
        if (fresh.at(-1) === node) fresh[fresh.length - 1] = node + 1
        else fresh.push(node, node + 1)
      }
    }
    return fresh
  }

  remove(first: number, end: number): void {
    this.isBroken.fill(0, first, end)
    this.count -= end - first
  }

  /** Whether a node that a job has is broken. O(its nodes), nothing while none is. */
  isUnder(state: State, job: number): boolean {
    if (this.count === 0) return false
    const { jobs, spans } = state.tables
    for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
      const end = spans.end[at]!
      for (let node = spans.first[at]!; node < end; node++) {
        if (this.isBroken[node] === 1) return true
      }
    }
    return false
  }
}
