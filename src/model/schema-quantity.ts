import * as z from 'zod'
import { parseQuantity } from '../base/units.ts'
import type { Quantity } from '../base/units.ts'

/** A text with a unit that is at least `least` of its inner unit. */
export function quantity(kind: Quantity, least: 0 | 1, about: string, examples: string[]) {
  return z.string({ error: (issue) => withoutUnit(issue.input, kind) })
    .superRefine((text, context) => {
      const parsed = parseQuantity(text, kind)
      if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem })
      else if (parsed.value < least) {
        context.addIssue({ code: 'custom', message: small(text, least) })
      }
    })
    .meta({ description: about, examples })
}

function withoutUnit(input: unknown, kind: Quantity): string {
  const parsed = parseQuantity('1', kind)
  const units = 'problem' in parsed ? parsed.problem.split('; ')[1] : ''
  const found = typeof input === 'number' ? `${input} has no unit` : 'this is no text with a unit'
  return `${found}; ${units}`
}

function small(text: string, least: 0 | 1): string {
  return least === 0
    ? `"${text}" is less than zero; zero or more would do`
    : `"${text}" is too small; more than zero would do`
}
