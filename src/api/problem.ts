import type { Refusal, RefusalCode } from '../model/index.ts'
import type { Problem } from './schema-part.ts'

/** Codes of refusals of the core, and those of the interface itself. */
export type ProblemCode =
  | RefusalCode
  | 'bad-request' | 'bad-json' | 'bad-encoding' | 'no-such-route' | 'no-such-method'
  | 'no-such-media-type' | 'body-too-large' | 'too-many-requests' | 'too-many-readers'
  | 'not-signed-in' | 'not-allowed' | 'not-yours' | 'wrong-host' | 'wrong-origin'
  | 'no-such-factory' | 'no-such-token' | 'no-such-log' | 'no-such-event' | 'last-admin'
  | 'name-taken' | 'busy' | 'took-too-long' | 'bug'

type Kind = { readonly status: number, readonly title: string, readonly remedy: string }

/** A refusal names what to do in its own words; what stands here is said where it does not. */
const KINDS: Readonly<Record<ProblemCode, Kind>> = {
  'too-large': kind(422, 'More than there can ever be', 'Ask for fewer.'),
  'no-such-job': kind(404, 'No such job', 'List jobs with GET /v1/jobs.'),
  'no-such-node': kind(404, 'No such node', 'List nodes with GET /v1/nodes.'),
  'no-such-queue': kind(422, 'No such queue', 'List queues with GET /v1/queues.'),
  'no-such-device': kind(422, 'No such device type', 'Leave the device type out.'),
  'no-such-window': kind(404, 'No such window', 'It may be over.'),
  'no-such-limit': kind(404, 'No such limit', 'List limits with GET /v1/limits.'),
  'no-such-feeder': kind(422, 'No such feeder', 'List feeders with GET /v1/feeders.'),
  'no-such-supply': kind(422, 'No such supply', 'List supplies with GET /v1/supplies.'),
  'no-such-class': kind(422, 'No such class of work', 'Leave the class out.'),
  'not-possible-now': kind(409, 'Not possible now', 'Ask again when it has changed.'),
  'out-of-range': kind(422, 'Out of range', 'Use a value within the range.'),
  'key-reused': kind(422, 'The key was used for another request', 'Use a new Idempotency-Key.'),
  'not-durable': kind(503, 'Not durable', 'Ask again with the same Idempotency-Key.'),
  stopped: kind(503, 'The factory does not decide', 'Read its health at GET /v1/factories.'),
  'bad-request': kind(400, 'The request is not as it should be', 'Correct the places it names.'),
  'bad-json': kind(400, 'The body is no JSON', 'Send one JSON object in UTF-8.'),
  'bad-encoding': kind(400, 'The address is not well encoded', 'Encode it as UTF-8 with %XX.'),
  'no-such-route': kind(404, 'No such address', 'GET /v1/openapi.json lists them.'),
  'no-such-method': kind(405, 'Another method is needed', 'GET /v1/openapi.json lists them.'),
  'no-such-media-type': kind(415, 'Only JSON is read', 'Send Content-Type: application/json.'),
  'body-too-large': kind(413, 'The body is too large', 'Send less at a time.'),
  'too-many-requests': kind(429, 'Too many requests', 'Wait as long as Retry-After says.'),
  'too-many-readers': kind(429, 'Too many readers of events', 'Close one of them.'),
  'not-signed-in': kind(401, 'No token that is known', 'Send Authorization: Bearer and a token '
    + 'that an admin made.'),
  'not-allowed': kind(403, 'The role does not allow it', 'Ask an admin for a token of that role.'),
  'not-yours': kind(403, 'The job is somebody else\'s', 'Ask its owner or an operator.'),
  'wrong-host': kind(421, 'Not the name of this server', 'Use the address that it printed.'),
  'wrong-origin': kind(403, 'The request comes from another site', 'Use the server\'s own page.'),
  'no-such-factory': kind(404, 'No such factory', 'List factories with GET /v1/factories.'),
  'no-such-token': kind(404, 'No such token', 'List tokens with GET /v1/tokens.'),
  'no-such-log': kind(404, 'No such log', 'Leave file out.'),
  'no-such-event': kind(422, 'No such event', 'Read the state anew, then the events from now on.'),
  'last-admin': kind(409, 'The last admin', 'Make another admin token first.'),
  'name-taken': kind(409, 'The name is taken', 'Choose another, or delete the token.'),
  busy: kind(503, 'Too many long questions at once', 'Ask again in a few seconds.'),
  'took-too-long': kind(503, 'It took too long', 'Ask for less: fewer seeds, a shorter time.'),
  bug: kind(500, 'A mistake of Millrace', 'Tell its operator the instance; it is in the log.'),
}

function kind(status: number, title: string, remedy: string): Kind {
  return { status, title, remedy }
}

export type Told = Partial<Pick<Problem, 'need' | 'have' | 'remedy' | 'errors'>>

/** Thrown in a handler; the server answers with it. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly code: ProblemCode
  readonly told: Told

  constructor(code: ProblemCode, detail: string, told: Told = {}) {
    super(detail)
    this.code = code
    this.told = told
  }
}

/** The core's refusals say what happened and then what to do, in sentences. */
export function refused({ code, message, need, have }: Refusal): ProblemError {
  const at = message.lastIndexOf('. ')
  const remedy = at < 0 ? undefined : message.slice(at + 2)
  return new ProblemError(code, message, {
    ...need === undefined ? {} : { need }, ...have === undefined ? {} : { have },
    ...remedy === undefined ? {} : { remedy },
  })
}

/** As it is sent. `instance` is the id of the request. */
export function problemOf({ code, message, told }: ProblemError, instance: string): Problem {
  const { status, title, remedy } = KINDS[code]
  return {
    type: `urn:millrace:problem:${code}`, title, status, detail: message, code, remedy,
    ...told, instance,
  }
}
