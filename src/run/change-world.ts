import { nearestWord } from '../base/text.ts'
import { formatCount } from '../base/units.ts'
import { apply } from '../core/apply.ts'
import { ask } from '../core/ask.ts'
import type { State } from '../core/state.ts'
import { InputError, isRefusal, type Intent } from '../model/index.ts'
import { policiesOf } from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'

/** A factory at a moment, and the policies that it goes on with. */
export type World = { readonly state: State, readonly policies: PolicyNames }

/** A world after a change, what was done as the subject of a sentence, and what to know of it. */
export type Changed = World & { readonly doing: string, readonly note?: string }

/** Asks it of the core as a person would. An InputError where it is refused. */
export function carryOut({ state, policies }: World, intent: Intent): void {
  const answer = ask(state, intent, policiesOf(policies).rankOf)
  if (isRefusal(answer)) throw new InputError(answer.message)
  apply(state, answer)
}

/** Names that an error shows. */
export const SHOWN_MOST = 20

/** Place of a name in a list. An InputError says what is near, or what there is. */
export function indexOf(what: string, name: string, names: readonly string[]): number {
  const at = names.indexOf(name)
  if (at >= 0) return at
  const near = nearestWord(name, names)
  const more = names.length > SHOWN_MOST ? `, … (${formatCount(names.length)} in all)` : ''
  throw new InputError(`there is no ${what} ${name}; there are ${
    names.slice(0, SHOWN_MOST).join(', ')}${more}.${near === undefined ? '' : ` Did you mean ${
    near}?`}`)
}
