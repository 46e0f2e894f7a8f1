import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** Most that one look reads: a job that writes more between two looks has its last lines read. */
const READ_MOST = 65_536
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW
/** Longest that is kept of what a job says of itself, in characters. */
const SAYS_MOST = 200

/**
 * What a job writes to the file named in MILLRACE_STATUS, a line each time: "checkpoint" when its
 * work is saved, anything else is what it says of itself.
 */
export class StatusFile {
  /** Checkpoints that it told of. */
  saves = 0
  says = ''
  private at = 0
  private inode = 0
  private rest = ''

  private readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Reads what is new; whether there was anything. */
  look(): boolean {
    const text = this.read()
    if (text === '') return false
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop()!.slice(-SAYS_MOST)
    for (const line of lines) {
      const words = line.trim()
      if (words === 'checkpoint') this.saves++
      else if (words !== '') this.says = printable(words)
    }
    return true
  }

  private read(): string {
    let file
    try {
      // A job may put anything here: a pipe would block, a link may lead anywhere.
      file = openSync(this.path, READ_FLAGS)
    } catch {
      return ''
    }
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) return ''
      if (stat.ino !== this.inode || stat.size < this.at) this.at = 0
      this.inode = stat.ino
      const from = Math.max(this.at, stat.size - READ_MOST)
      if (from > this.at) this.rest = ''
      const bytes = Buffer.alloc(Math.min(READ_MOST, stat.size - from))
      const count = readSync(file, bytes, 0, bytes.length, from)
      this.at = from + count
      return bytes.toString('utf8', 0, count)
    } finally {
      closeSync(file)
    }
  }
}

/** What may be shown on a terminal: no control characters. */
function printable(text: string): string {
  return text.slice(0, SAYS_MOST).replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')
}
