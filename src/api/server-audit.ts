import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Who did what to the server itself: tokens and sessions. What is asked of a factory is in the
 * store of that factory, with its journal.
 */

/** A file of this size is put aside, and the one put aside before it goes. */
const FILE_BYTES_MOST = 4_000_000

export type ServerAct = {
  readonly who: string
  readonly from: string
  readonly intent: unknown
  readonly answer: unknown
}

type Row = ServerAct & { readonly id: number, readonly atMs: number }

export class ServerAudit {
  private readonly path: string
  private nextId: number

  constructor(folder: string) {
    this.path = join(folder, 'audit.jsonl')
    this.nextId = (this.rows(Infinity, 1)[0]?.id ?? 0) + 1
  }

  append(act: ServerAct): void {
    const row: Row = { id: this.nextId++, atMs: Date.now(), ...act }
    if (existsSync(this.path) && statSync(this.path).size > FILE_BYTES_MOST) {
      renameSync(this.path, `${this.path}.1`)
    }
    appendFileSync(this.path, `${JSON.stringify(row)}\n`, { mode: 0o600, flush: true })
  }

  /** The newest first. Reads the files whole: they are small, and few ask. */
  rows(before: number, most: number): readonly Row[] {
    return [`${this.path}.1`, this.path].filter((path) => existsSync(path))
      .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
      .flatMap(rowIn).filter((row) => row.id < before).reverse().slice(0, most)
  }
}

/** A line that was cut off by a crash is left out. */
function rowIn(line: string): Row[] {
  try {
    return [JSON.parse(line) as Row]
  } catch {
    return []
  }
}
