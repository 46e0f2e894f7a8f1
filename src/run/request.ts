import { nearestWord } from '../base/text.ts'
import {
  LEVELS, PLAIN, refusal, type JobRequest, type Plant, type Refusal, type RefusalCode,
  type TraceJob,
} from '../model/index.ts'
import { speedsOf } from './speeds.ts'

/** A trace's job as a request to this factory: its words become ids, or it is refused by name. */
export function requestOf(plant: Plant, job: TraceJob, name: string): JobRequest | Refusal {
  const queue = job.queue === '' ? 0 : plant.queues.findIndex((each) => each.name === job.queue)
  if (queue < 0) {
    return unknown('no-such-queue', 'queue', job.queue, plant.queues.map((each) => each.name))
  }
  const device = job.device === '' ? -1 : plant.devices.indexOf(job.device)
  if (job.device !== '' && device < 0) {
    return unknown('no-such-device', 'device type', job.device, plant.devices)
  }
  const level = job.level === '' ? LEVELS.length - 1 : LEVELS.findIndex((one) => one === job.level)
  if (level < 0) return unknown('out-of-range', 'topology level', job.level, LEVELS)
  const speeds = speedsOf(plant, job.speeds)
  if ('refused' in speeds) return speeds
  const { classes } = plant.curves
  const curve = job.class === '' ? 0 : classes.indexOf(job.class)
  if (curve < 0) return unknown('no-such-class', 'class of work', job.class, classes)
  return {
    name,
    queue,
    gpus: job.gpus,
    nodes: job.nodes,
    cpusPerNode: job.cpusPerNode,
    memoryPerNodeGiB: Math.ceil(job.memoryPerNodeGiB),
    device,
    level,
    priority: job.priority,
    limitMs: job.limitMs,
    leastNodes: job.leastNodes,
    leastRunMs: job.leastRunMs,
    deadlineAtMs: job.deadlineAtMs,
    isHero: job.isHero,
    array: 0,
    after: PLAIN.after,
    speeds,
    curve,
    leastSpeed: job.leastSpeed,
    worth: job.worth,
  }
}

function unknown(
  code: RefusalCode, what: string, word: string, known: readonly string[]): Refusal {
  const near = nearestWord(word, known)
  return refusal(code, `This factory has no ${what} "${word}"; it has ${known.join(', ')}.`
    + (near === undefined ? '' : ` Did you mean "${near}"?`))
}
