import type { Problem } from '../catalog/problem.ts'
import { childOf, isObject } from '../catalog/shape-problems.ts'
import { factorySchema } from '../model/schema.ts'
import type { FactoryDocument } from '../model/schema.ts'

/**
 * What can still be checked for sense: the value without the keys that the problems name, or
 * undefined where too much is missing. Names stay, whatever they are, since others refer to them;
 * so do items of lists, since the places of those behind them would shift.
 */
export function soundPart(
  value: unknown, problems: readonly Problem[],
): FactoryDocument | undefined {
  const copy: unknown = structuredClone(value)
  for (const { path } of problems) {
    const holder = path.slice(0, -1).reduce<unknown>(childOf, copy)
    if (!isObject(holder)) continue
    const key = String(path.at(-1))
    if (key !== 'name') delete holder[key]
    else if (typeof holder[key] !== 'string') holder[key] = `unnamed ${path.join(' ')}`
  }
  const left = factorySchema.safeParse(copy).error?.issues ?? []
  const isSound = left.every((issue) => issue.code === 'invalid_format')
  return isSound ? copy as FactoryDocument : undefined
}
