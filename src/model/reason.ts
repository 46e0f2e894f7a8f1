/** Why a pending job does not start, as a code that the interface promises. */
export const REASONS = {
  order: 'An earlier job of the queue goes first.',
  reservation: 'It would delay a job that holds a reservation.',
  nodes: 'Too few free nodes.',
  devices: 'No node has enough free devices.',
  cpus: 'No node has enough free cores or memory.',
  topology: 'Enough nodes are free, but no domain of the required level holds them all.',
  power: 'A feeder has too little headroom.',
  quota: 'The queue holds its quota of GPUs.',
  held: 'A person holds the job.',
  dependency: 'It waits for another job to end.',
  window: 'It would run into a reservation or a maintenance window.',
} as const

export type Reason = keyof typeof REASONS

/** What binds a pending job: need against have in one unit. */
export type Blocker = {
  readonly reason: Reason
  readonly need: number
  readonly have: number
  /** "nodes", "GPUs", "W" or "". */
  readonly unit: string
  /** The pool, feeder, queue or job that it is about. */
  readonly at: string
}
