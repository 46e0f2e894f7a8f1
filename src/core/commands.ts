import type { Command, Event } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import type { State } from './state.ts'

/**
 * The order that an event gives to the engine, if any. Call it before the event is applied for
 * events that end a run (`stop`), and after it for those that begin one or change it (`start`,
 * `cap`).
 */
export function commandFor(state: State, event: Event): Command | undefined {
  switch (event.type) {
    case 'job.started': return command(state, 'start', event.job)
    case 'job.capped': return { ...command(state, 'cap', event.job), safeW: event.safeW }
    case 'job.preempted':
    case 'job.requeued': return command(state, 'stop', event.job)
    case 'job.checkpoint': return command(state, 'checkpoint', event.job)
    case 'job.ended': {
      const isRunning = state.tables.jobs.phase[event.job]! >= PHASE.starting
      return event.outcome === 'cancelled' && isRunning
        ? command(state, 'stop', event.job) : undefined
    }
    default: return undefined
  }
}

function command(state: State, type: Command['type'], job: number): Command {
  const { number, starts, orderedW, capOrders } = state.tables.jobs
  const capW = orderedW[job]!
  return {
    type, job, number: number[job]!, attempt: starts[job]!, capW, safeW: capW,
    order: capOrders[job]!,
  }
}
