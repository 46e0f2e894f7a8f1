import { InputError } from '../model/index.ts'

/**
 * Writes to the standard output at once. Throws where it cannot: EPIPE when whoever read it has
 * gone, which ends a long listing early, and an InputError when what takes it is full.
 */
export function print(text: string): void {
  const { stdout } = process
  stdout.write(text)
  // On Linux and macOS pipes and files are written before write() returns.
  const { errored } = stdout
  if (errored === null || errored === undefined) return
  if (isBrokenPipe(errored)) throw errored
  throw new InputError(`Writing to the standard output stopped: ${errored.message}. `
    + 'Send it to a place with room.', 4)
}

/** Whoever read our output has seen enough. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

/** Without a listener Node would end the process with a stack; `print` throws it by itself. */
export function expectErrors(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  }
}

function ignore(): void {}
