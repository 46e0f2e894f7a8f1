import { closeSync } from 'node:fs'
import { logOf, openLog, outputsOf, rotate } from './logs.ts'
import type { Order } from './order.ts'

/** Keeps logs of ours below their size. Files that a job names itself are its own affair. */
export class LogKeeper {
  private readonly files = new Map<string, number>()

  private readonly order: Order

  constructor(order: Order) {
    this.order = order
  }

  /** Whether one of them had to be cut: it may soon again. */
  look(): boolean {
    let isCut = false
    this.order.gang.nodes.forEach((_, node) => {
      if (outputsOf(this.order, node, '/').output !== '') return
      const path = logOf(this.order.folder, node)
      let file = this.files.get(path)
      try {
        file ??= openLog(path, false)
        this.files.set(path, file)
        isCut = rotate(file, path) || isCut
      } catch {
        // There is none yet; or the disk is full, and the copy waits.
      }
    })
    return isCut
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file)
    this.files.clear()
  }
}
