import type { Command, Event } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import type { State } from './state.ts'

/**
 * The order that an event gives to the engine, if any. Call it before the event is applied for
 * events that end a run (`stop`), and after it for those that begin one (`start`).
 */
export function commandFor(state: State, event: Event): Command | undefined {
  const { jobs } = state.tables
  if (event.type === 'job.started') return command('start')
  if (event.type === 'job.preempted') return command('stop')
  if (event.type === 'job.ended' && event.outcome === 'cancelled'
    && jobs.phase[event.job]! >= PHASE.starting) return command('stop')
  return undefined

  function command(type: Command['type']): Command {
    const { job } = event as { job: number }
    return { type, job, number: jobs.number[job]!, attempt: jobs.starts[job]! }
  }
}
