import { InputError } from '../../model/index.ts'
import { OPTIONS, type SbatchOption } from './options.ts'

/** One option of one `#SBATCH` line: what it is called here, its value, and how it was written. */
export type Given = {
  readonly line: number
  /** As it stands in the script: "--gres=gpu:8" or "-N 2". */
  readonly written: string
  /** Undefined for an option that sbatch does not know. */
  readonly option: SbatchOption | undefined
  /** '' where it takes none. */
  readonly value: string
}

const MARK = '#SBATCH'

/**
 * The options of a batch script, in their order. As sbatch does, it stops at the first line that is
 * neither empty nor a comment. Throws an InputError where sbatch would refuse the script as such.
 */
export function givenIn(script: string): Given[] {
  const lines = script.split('\n')
  if (!lines[0]!.startsWith('#!')) {
    throw new InputError('Line 1 is no #! line, so nobody knows what runs the script. Begin with '
      + 'one, such as #!/bin/bash.')
  }
  const dos = lines.findIndex((line) => line.endsWith('\r'))
  if (dos >= 0) {
    throw new InputError(`Line ${dos + 1} ends as on Windows (CR LF), which shells do not take. `
      + 'Convert the script, for example with dos2unix.')
  }
  const all: Given[] = []
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(MARK) && /^\s/.test(line.slice(MARK.length))) {
      readLine(line.slice(MARK.length), at + 1, all)
    } else if (!/^\s*(#.*)?$/.test(line)) {
      break
    }
  }
  return all
}

function readLine(text: string, line: number, into: Given[]): void {
  const words = wordsOf(text, line)
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const equals = word.indexOf('=')
    const isLong = word.startsWith('--')
    if (!isLong && !/^-[A-Za-z]/.test(word)) {
      throw new InputError(`Line ${line}: ${word} is no option. Write --name=value, as sbatch has `
        + 'it, or quote a value with spaces.')
    }
    const option = isLong ? longOption(word.replace(/=.*$/s, '')) : shortOption(word)
    const inline = isLong ? (equals < 0 ? undefined : word.slice(equals + 1))
      : word.slice(2).replace(/^=/, '') || undefined
    const next = words[at + 1]
    const takesNext = option?.takes === 'value' && inline === undefined && next !== undefined
      && (!next.startsWith('-') || /^-\d/.test(next))
    if (takesNext) at++
    if (option?.takes === 'value' && inline === undefined && !takesNext) {
      throw new InputError(`Line ${line}: ${word} has no value.`)
    }
    const written = takesNext ? `${word} ${next}` : word
    into.push({ line, written, option, value: inline ?? (takesNext ? next : '') })
  }
}

/** By its whole name, another name of it, or a beginning that only one has, as getopt does. */
function longOption(word: string): SbatchOption | undefined {
  const name = word.slice(2)
  const exact = OPTIONS.find((each) => each.long === name || each.also === name)
  if (exact !== undefined || name === '') return exact
  const near = OPTIONS.filter((each) => each.long.startsWith(name))
  return near.length === 1 ? near[0] : undefined
}

function shortOption(word: string): SbatchOption | undefined {
  return OPTIONS.find((each) => each.short === word[1])
}

/** Words as sbatch splits them: quotes and backslashes count, a # begins a comment. */
function wordsOf(text: string, line: number): string[] {
  const words: string[] = []
  let word = ''
  let isIn = false
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (quote !== '') {
      if (char === quote) quote = ''
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      isIn = true
    } else if (char === '\\' && at + 1 < text.length) {
      word += text[++at]!
      isIn = true
    } else if (/\s/.test(char)) {
      if (isIn) words.push(word)
      word = ''
      isIn = false
    } else if (char === '#' && !isIn) {
      break
    } else {
      word += char
      isIn = true
    }
  }
  if (quote !== '') throw new InputError(`Line ${line}: the quote ${quote} is never closed.`)
  if (isIn) words.push(word)
  return words
}
