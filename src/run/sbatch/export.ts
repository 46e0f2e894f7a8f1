import { InputError } from '../../model/index.ts'

/** What of a shell's environment goes with a job, as `--export` of sbatch has it. */
export type Export = {
  /** Whether all of it goes. */
  readonly isAll: boolean
  /** Variables by name that go as they are. */
  readonly names: readonly string[]
  readonly set: Readonly<Record<string, string>>
}

export const EXPORT_ALL: Export = { isAll: true, names: [], set: {} }

/** Reads "ALL", "NONE", "HOME,SEED=3" or "ALL,SEED=3". Throws an InputError that names `flag`. */
export function readExport(flag: string, text: string): Export {
  if (/^(NONE|NIL)$/i.test(text)) return { isAll: false, names: [], set: {} }
  const names: string[] = []
  const set: Record<string, string> = {}
  let isAll = false
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    if (/^ALL$/i.test(part)) isAll = true
    else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new InputError(`${flag}: ${JSON.stringify(part)} is no variable. Write ALL, NONE, or `
        + 'names such as HOME,SEED=3.')
    } else if (equals < 0) names.push(name)
    else set[name] = part.slice(equals + 1)
  }
  return { isAll, names, set }
}

/** Variables that a job gets: those chosen of `from`, then those that are set. */
export function exported(
  { isAll, names, set }: Export, from: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(from)) {
    // A shell's functions have names such as BASH_FUNC_x%%, which no job could use.
    const isNamed = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    if (value !== undefined && isNamed && (isAll || names.includes(name))) {
      environment[name] = value
    }
  }
  return { ...environment, ...set }
}
