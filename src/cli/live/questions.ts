import type { Explanation } from '../../core/why.ts'
import type { StartSpread } from '../../run/ahead.ts'
import { renderWhatIf, type Story } from '../../run/report/what-if.ts'
import { renderWhy } from '../../run/report/why.ts'
import type { WhatIf } from '../../run/whatif.ts'
import { print } from '../print.ts'
import { connect, type ServerFlags } from './connect.ts'
import { jobNumber } from './job.ts'

/** `why` and `whatif` of a server: it answers what the same question to a journal is answered. */

export async function whyLive(wanted: string, flags: ServerFlags): Promise<void> {
  const live = connect(flags)
  const number = await jobNumber(live, wanted)
  const answer = await live.client.why(number, { factory: live.factory, expected: 'true' })
  if (flags.json === true) return print(`${JSON.stringify(answer)}\n`)
  const { expected, ...explanation } = answer
  print(renderWhy(explanation as Explanation, (expected ?? undefined) as StartSpread | undefined))
}

export type Question = {
  readonly changes: readonly string[]
  readonly forMs: number
  readonly seeds: number
  readonly seed: number
  readonly failures: boolean
}

export async function whatIfLive(question: Question, flags: ServerFlags): Promise<void> {
  const { client, factory } = connect(flags)
  const answer = await client.whatIf({ ...question, changes: [...question.changes] }, { factory })
  if (flags.json === true) return print(`${JSON.stringify(answer)}\n`)
  print(renderWhatIf(answer as unknown as WhatIf, answer as unknown as Story))
}
