import * as z from 'zod'

/**
 * What a real job needs beside what the core decides on: its command and how it is treated. Kept
 * with the journal, by the job's number; only engines read it.
 */

/** Longest command line, script and environment, in characters: a request stays below 1 MB. */
const WORDS_MOST = 1000
const WORD_MOST = 32_768
const SCRIPT_MOST = 400_000
const VARIABLES_MOST = 1000

/** Signals that a job may want for "save your work". */
export const CHECKPOINT_SIGNALS = ['SIGUSR1', 'SIGUSR2', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const

/** No byte 0: it would end the word early in a process's arguments. */
const word = z.string().max(WORD_MOST).regex(/^[^\0]*$/)

export const specSchema = z.strictObject({
  command: z.array(word).max(WORDS_MOST).meta({
    description: 'Program and arguments, started once on each node of the gang, as torchrun and '
      + 'mpirun expect it. No shell reads them.' }).default([]),
  script: z.string().max(SCRIPT_MOST).meta({
    description: 'A script in place of a command, with its #! line; it runs on the first node, as '
      + 'with sbatch. The command, if any, is its arguments.' }).default(''),
  directory: word.meta({
    description: 'Working folder: an absolute path; without it, the job\'s own folder.',
  }).default(''),
  environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/), word)
    .refine((all) => Object.keys(all).length <= VARIABLES_MOST,
      `at most ${VARIABLES_MOST} variables`).default({}),
  output: word.meta({
    description: 'Where standard output goes: a path, with %j for the job\'s number, %n for the '
      + 'node\'s rank and %x for its name; without it, a file that `millrace logs` reads.',
  }).default(''),
  error: word.meta({ description: 'The same of standard error; without it, with the output.' })
    .default(''),
  checkpointSignal: z.enum(['', ...CHECKPOINT_SIGNALS]).meta({
    description: 'Sent to every process of the job when it should save; none where it does so by '
      + 'itself.' }).default(''),
  graceMs: z.int().min(0).max(86_400_000).meta({
    description: 'How long it may take to save before it is stopped, in ms.' }).default(30_000),
  pause: z.enum(['stop', 'restart']).meta({
    description: 'When power makes it pause: it is stopped in place (SIGSTOP) after it saved, or '
      + 'it ends after it saved and is started again later.' }).default('stop'),
  workMs: z.number().min(0).max(1e13).meta({
    description: 'On the twin: how long it really works at full speed; 0: as long as it expects.',
  }).default(0),
})

export type JobSpec = z.infer<typeof specSchema>

/** A spec as it was accepted: with whose it is. */
export type OwnedSpec = JobSpec & {
  /** Name of the token that submitted it. */
  readonly owner: string
  /** Account of this machine that its processes run as; '' for the server's own. */
  readonly account: string
  /** Wall-clock milliseconds since 1970. */
  readonly submittedAtMs: number
}
