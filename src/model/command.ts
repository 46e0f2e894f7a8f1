/** An order to an engine, derived from a decided event. May be sent twice. */
export type Command = {
  readonly type: 'start' | 'stop'
  readonly job: number
  readonly number: number
  readonly attempt: number
}
