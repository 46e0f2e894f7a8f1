import type { FastifyReply, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { isFresh, isOperator, UNCHANGED } from '../auth.ts'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import { versionOf, type Factory } from '../factory.ts'
import { listJobs } from '../list-jobs.ts'
import { dateText } from '../moment.ts'
import { ProblemError } from '../problem.ts'
import {
  jobDetailSchema, jobParams, jobsPage, jobsQuery, readOnly, requeueSchema, submitSchema,
  writeOnly, type JobDetail,
} from '../schema-job.ts'
import { dryRunSchema, doneSchema, problemSchema } from '../schema-part.ts'
import { submission } from '../submit.ts'
import { jobOf, placementOfJob, specOf, toldJob } from '../view-job.ts'
import { carryOut, checkOwner } from '../write.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

/** What a write answers: what was done, or what would be. */
export const written = { 200: doneSchema.or(dryRunSchema), ...wrong }

type Number = z.output<typeof jobParams>
type Query = z.output<typeof writeOnly>

export function jobRoutes(api: Api, desk: Desk): void {
  api.get('/v1/jobs', {
    config: { role: 'viewer' },
    schema: { summary: 'Jobs, page by page', tags: ['jobs'], querystring: jobsQuery,
      response: { 200: jobsPage, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    if (isFresh(request, reply, versionOf(served))) return reply.code(304).send(UNCHANGED)
    return listJobs(served, request.query)
  })
  api.get('/v1/jobs/:number', {
    config: { role: 'viewer' },
    schema: { summary: 'One job', tags: ['jobs'], params: jobParams, querystring: readOnly,
      response: { 200: jobDetailSchema, ...wrong } },
  }, async (request) => detailOf(request, await factoryAt(desk, request.query),
    request.params.number))
  api.post('/v1/jobs', {
    config: { role: 'submitter' },
    schema: { summary: 'Submit a job', tags: ['jobs'], querystring: writeOnly, body: submitSchema,
      response: { 201: doneSchema, 200: dryRunSchema, ...wrong } },
  }, async (request, reply) => {
    const served = factoryNamed(desk, request.query)
    const done = await carryOut(request, served, submission(request, served))
    if (!('seq' in done)) return done
    const { name } = served.controller
    return reply.code(201)
      .header('location', `/v1/jobs/${done.number}?factory=${encodeURIComponent(name)}`).send(done)
  })
  actRoutes(api, desk)
}

/** What can be asked of one job without saying more. */
const ACTS = {
  cancel: 'End a job', hold: 'Keep a pending job from starting',
  release: 'Let a held job start', checkpoint: 'Let a running job save its work now',
} as const

function actRoutes(api: Api, desk: Desk): void {
  for (const [type, summary] of Object.entries(ACTS)) {
    api.post(`/v1/jobs/:number/${type}`, {
      config: { role: 'submitter' },
      schema: { summary, tags: ['jobs'], params: jobParams, querystring: writeOnly,
        response: written },
    }, async (request, reply) => {
      const { number } = request.params as Number
      const served = factoryNamed(desk, request.query as Query)
      await checkOwner(request, served, number)
      return answered(reply, await carryOut(request, served,
        { type: type as keyof typeof ACTS, number }))
    })
  }
  api.post('/v1/jobs/:number/requeue', {
    config: { role: 'submitter' },
    schema: { summary: 'Take a job\'s nodes away; it waits again', tags: ['jobs'],
      params: jobParams, querystring: writeOnly, body: requeueSchema, response: written },
  }, async (request, reply) => {
    const { number } = request.params
    const served = factoryNamed(desk, request.query)
    await checkOwner(request, served, number)
    return answered(reply, await carryOut(request, served,
      { type: 'requeue', number, reason: request.body.reason }))
  })
}

function answered<Value>(reply: FastifyReply, value: Value): Value {
  void reply.code(200)
  return value
}

async function detailOf(
  request: FastifyRequest, served: Factory, number: number): Promise<JobDetail> {
  const { controller, book, index } = served
  // Looked for before and after: a job may end while its spec is read.
  const spec = index.of(controller.state()).rowOf(number) === undefined
    && book.told(number) === undefined ? undefined : await book.specOf(number)
  const state = controller.state()
  const job = index.of(state).rowOf(number)
  const told = book.told(number)
  const { clock } = controller
  const owner = spec?.owner ?? ''
  const shown = job !== undefined ? jobOf(state, job, clock, owner, true)
    : told === undefined ? undefined : toldJob(state, told, clock, owner)
  if (shown === undefined) throw unknownJob(served, number)
  const isShown = spec !== undefined && (isOperator(request.caller)
    || owner === request.caller.name)
  const progress = controller.progressOf(number)
  return {
    ...shown,
    placement: job === undefined ? [] : placementOfJob(state, job),
    spec: isShown ? specOf(spec) : null,
    progress: progress === undefined ? null : {
      pid: progress.pid, upAt: dateText(progress.upAtMs), savedAt: dateText(progress.savedAtMs),
      says: progress.says, logs: isShown ? [...progress.logs] : [],
    },
  }
}

function unknownJob({ controller }: Factory, number: number): ProblemError {
  const { jobsSeen } = controller.state().totals
  return new ProblemError('no-such-job', number > jobsSeen
    ? `There is no job ${number}; the numbers so far are 1 to ${jobsSeen}.`
    : `Job ${number} has ended, and longer ago than is remembered here.`, {
    need: `${number}`, have: `1 to ${jobsSeen}`,
    ...number > jobsSeen ? {} : { remedy: 'The journal has it: millrace journal show.' } })
}
