import type { JobRequest } from './job.ts'

/** What a person or client asks. It may be refused. */
export type Intent =
  | { readonly type: 'submit'; readonly request: JobRequest }
  | { readonly type: 'cancel'; readonly job: number }
  | { readonly type: 'hold' | 'release'; readonly job: number }
  | NodeIntent

export type NodeIntent = {
  readonly type: 'drain' | 'resume'
  readonly first: number
  readonly end: number
  readonly reason: string
}
