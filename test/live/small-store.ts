import type { JournalHeader } from '../../src/journal/header.ts'
import type { AuditRow, Batch, Block, Store } from '../../src/journal/store.ts'

/** What a store in memory holds; opened again, it is as its last whole batch left it. */
export class Kept {
  readonly header: JournalHeader
  readonly blocks: Block[] = []
  readonly specs = new Map<number, string>()
  readonly audits: AuditRow[] = []
  snapshot: Uint8Array | undefined
  snapshotSeq = 0
  epoch = 0
  appends = 0
  /** Appends that fail: by their number, from 1; what is thrown says so. */
  fails: (append: number) => boolean = () => false
  refusesToOpen: () => boolean = () => false
  /** Milliseconds that an append takes, as a disk's sync does. */
  takesMs = 0

  constructor(header: JournalHeader) {
    this.header = header
  }

  /** As it was after its first blocks: what a process that died then would find. */
  cut(blocks: number): Kept {
    const cut = new Kept(this.header)
    cut.blocks.push(...this.blocks.slice(0, blocks))
    for (const [number, text] of this.specs) cut.specs.set(number, text)
    cut.epoch = this.epoch
    return cut
  }

  async open(): Promise<Store> {
    if (this.refusesToOpen()) throw new Error('the disk is full')
    let isBroken = false
    this.epoch++
    return {
      opened: {
        path: undefined, header: this.header, epoch: this.epoch, snapshot: this.snapshot,
        snapshotSeq: this.snapshotSeq, lastSeq: this.blocks.length,
      },
      append: async (batch) => {
        if (this.takesMs > 0) await new Promise((done) => { setTimeout(done, this.takesMs) })
        if (isBroken || this.fails(++this.appends)) {
          isBroken = true
          throw new Error('the disk is full')
        }
        this.take(batch)
      },
      keep: async (snapshot) => {
        this.snapshot = snapshot.slice()
        this.snapshotSeq = this.blocks.length
      },
      blocksAfter: async (seq, most) => this.blocks.slice(seq, seq + most),
      specOf: async (number) => {
        const text = this.specs.get(number)
        return text === undefined ? undefined : JSON.parse(text)
      },
      answered: async (key) => this.audits.find((row) => row.key === key),
      audit: async (before, most) =>
        this.audits.filter(({ id }) => id < before).reverse().slice(0, most),
      backup: async () => {},
      close: async () => {},
    }
  }

  private take({ fromMs, bytes, specs, audits }: Batch): void {
    this.blocks.push({ seq: this.blocks.length + 1, fromMs, bytes: bytes.slice() })
    for (const { number, spec } of specs) this.specs.set(number, JSON.stringify(spec))
    for (const audit of audits) this.audits.push({ ...audit, id: this.audits.length + 1 })
  }
}
