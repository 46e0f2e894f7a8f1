import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Size at which the log goes on in a new file; the one before it is kept, older ones are not. */
const BYTES_MOST = 16 << 20

/** A log that never takes more than two files of a limited size. Lines are written at once. */
export class LogFile {
  private readonly path: string
  private file: number
  private bytes: number

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.path = path
    this.file = openSync(path, 'a', 0o600)
    this.bytes = fstatSync(this.file).size
  }

  /** A log that cannot be written must not stop the factory: the line is lost. */
  write(line: string): void {
    try {
      if (this.bytes > BYTES_MOST) this.turn()
      this.bytes += writeSync(this.file, line)
    } catch {
      // The disk is full or gone; what matters says so by itself.
    }
  }

  close(): void {
    closeSync(this.file)
  }

  private turn(): void {
    renameSync(this.path, `${this.path}.1`)
    const next = openSync(this.path, 'a', 0o600)
    closeSync(this.file)
    this.file = next
    this.bytes = 0
  }
}
