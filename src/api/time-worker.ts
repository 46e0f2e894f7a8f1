/** The thread that makes states of other times: one at a time, each for the server to keep. */
import { parentPort, workerData } from 'node:worker_threads'
import { layoutOf } from '../core/layout.ts'
import { Past } from '../journal/past.ts'
import { InputError, type Plant } from '../model/index.ts'
import { policiesOf } from '../policies/index.ts'
import { lookAhead } from '../run/ahead.ts'
import { handedState, takenState } from './share.ts'
import type { Made, Wanted } from './times.ts'

const plant = workerData as Plant
const layout = layoutOf(plant)
let past: Past | undefined

parentPort!.on('message', (wanted: Wanted) => parentPort!.postMessage(made(wanted), []))

function made(wanted: Wanted): Made {
  const { id } = wanted
  try {
    return wanted.type === 'past' ? pastOf(wanted) : planOf(wanted)
  } catch (error) {
    if (error instanceof InputError) return { id, wrong: error.message }
    return { id, bug: error instanceof Error ? error.stack ?? error.message : String(error) }
  }
}

function pastOf({ id, path, atMs }: Extract<Wanted, { type: 'past' }>): Made {
  past ??= new Past(path, plant)
  const { state, seq } = past.stateAt(atMs)
  return { id, state: handedState(state), seq, isCut: false }
}

/** One future, with faults as they are wont to come. It is an estimate, and says so where shown. */
function planOf({ id, state, policies, atMs }: Extract<Wanted, { type: 'plan' }>): Made {
  const ahead = lookAhead(takenState(state, layout), {
    ...policiesOf(policies), seed: 1, untilMs: atMs, failures: true })
  return { id, state: handedState(ahead.state), seq: -1, isCut: ahead.isCut }
}
