/** The thread that answers long questions: one at a time, each on a copy of the state. */
import { parentPort } from 'node:worker_threads'
import { InputError } from '../model/index.ts'
import { answerTo } from './question.ts'
import { sharedState } from './share.ts'
import type { Asked, Answered } from './thinker.ts'

parentPort!.on('message', ({ id, question, state, policies }: Asked) => {
  const answer = answered(id, () => answerTo(question, sharedState(state), policies))
  parentPort!.postMessage(answer, [])
})

function answered(id: number, answer: () => unknown): Answered {
  try {
    // As text, so that the thread of the server need not build it, only to write it down again.
    return { id, text: JSON.stringify(answer(), finite) }
  } catch (error) {
    if (error instanceof InputError) return { id, wrong: error.message }
    return { id, bug: error instanceof Error ? error.stack ?? error.message : String(error) }
  }
}

/** What never comes has no number in JSON. */
function finite(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}
