/** An order to an engine, derived from a decided event. May be sent twice. */
export type Command = {
  readonly type: 'start' | 'stop' | 'cap' | 'checkpoint'
  readonly job: number
  readonly number: number
  readonly attempt: number
  /** Watts at which each device is to be capped: of a start and a cap; 0: to pause. */
  readonly capW: number
  /** What the nodes set by themselves when the lease ends. */
  readonly safeW: number
  /** Count of the job's orders of caps: an older one than was carried out is void. */
  readonly order: number
}
