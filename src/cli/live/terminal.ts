import { emitKeypressEvents } from 'node:readline'

/** Sequences of ECMA-48 and xterm that every terminal of today has. */
const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const END_OF_LINE = '\x1b[K'
const END_OF_SCREEN = '\x1b[J'

/** A key as it was pressed: "q", "up", "ctrl-c". */
export type Key = string

/**
 * The whole terminal, while something is shown on it. It is given back as it was on `close`, and
 * when the process ends in whatever way it can still do something.
 */
export class Screen {
  private readonly onKey: (key: Key) => void
  private readonly onResize: () => void

  constructor(onKey: (key: Key) => void, onResize: () => void) {
    this.onKey = onKey
    this.onResize = onResize
    process.stdout.write(ENTER)
    process.stdout.on('resize', this.onResize)
    if (process.stdin.isTTY) {
      emitKeypressEvents(process.stdin)
      process.stdin.setRawMode(true)
      process.stdin.on('keypress', this.take)
      process.stdin.resume()
    }
    process.on('exit', this.restore)
  }

  get columns(): number {
    return process.stdout.columns
  }

  get rows(): number {
    return process.stdout.rows
  }

  /** Shows lines from the top; what was there before is gone. Lines must fit. */
  draw(lines: readonly string[]): void {
    const kept = lines.slice(0, this.rows).map((line) => `${line}${END_OF_LINE}`)
    process.stdout.write(`${HOME}${kept.join('\r\n')}${END_OF_SCREEN}`)
  }

  close(): void {
    process.stdout.removeListener('resize', this.onResize)
    process.removeListener('exit', this.restore)
    if (process.stdin.isTTY) {
      process.stdin.removeListener('keypress', this.take)
      process.stdin.pause()
    }
    this.restore()
  }

  private readonly restore = (): void => {
    if (process.stdin.isTTY) process.stdin.setRawMode(false)
    process.stdout.write(LEAVE)
  }

  private readonly take = (_: string | undefined, key: { name?: string, ctrl?: boolean }): void => {
    if (key.name !== undefined) this.onKey(key.ctrl === true ? `ctrl-${key.name}` : key.name)
  }
}

/** How a terminal may be written on. */
export type Looks = {
  readonly isColour: boolean
  readonly isUnicode: boolean
}

/** By NO_COLOR (no-color.org), TERM and the locale. */
export function looksOf(environment: Readonly<Record<string, string | undefined>>): Looks {
  const { NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = environment
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== '') ?? ''
  return {
    isColour: (NO_COLOR ?? '') === '' && TERM !== 'dumb',
    isUnicode: /utf-?8/i.test(locale),
  }
}
