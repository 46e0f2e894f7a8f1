import { Command } from 'commander'
import type { JobDetail } from '../../api/client.ts'
import {
  formatCount, formatDuration, formatPower, formatRatio,
} from '../../base/units.ts'
import { CORES } from '../../run/live/cores.ts'
import { print } from '../print.ts'
import { connect, factoryOf, withServer, type ServerFlags } from './connect.ts'
import { jobNumber } from './job.ts'
import { shown } from './text.ts'
import { shownWhen } from './when.ts'

export function showCommand(done: (exitCode: number) => void): Command {
  return withServer(new Command('show'))
    .summary('all that is known of one job')
    .description('Shows a job: what it asked for, where it runs, its times, its cap, and what it '
      + 'runs. Of its environment only the names of variables are shown, never what is in them.')
    .argument('<job>', 'number of a job, or its name')
    .addHelpText('after', '\nExample:\n  millrace show 12')
    .action(async (wanted: string, flags: ServerFlags) => {
      const live = connect(flags)
      const job = await live.client.job(await jobNumber(live, wanted),
        { factory: live.factory })
      if (flags.json === true) print(`${JSON.stringify(job)}\n`)
      else print(jobText(job, Date.parse((await factoryOf(live)).at)))
      done(0)
    })
}

type Line = readonly [name: string, value: string | false]

function jobText(job: JobDetail, nowMs: number): string {
  const when = (at: string | null) => at !== null && shownWhen(Date.parse(at), nowMs)
  const lines: Line[] = [
    ['job', `${job.number}${job.name === `${job.number}` ? '' : `  ${job.name}`}`],
    ['state', `${job.isHeld ? 'held' : job.outcome ?? job.phase}`],
    ['why', job.reason?.sentence ?? false],
    ['queue', `${job.queue}, priority ${job.priority}`],
    ['owner', job.owner !== '' && job.owner],
    ['asks for', askText(job)],
    ['class', job.class !== '' && job.class],
    ['time', job.limitMs > 0 && `expects ${formatDuration(job.limitMs)}`],
    ['submitted', when(job.submittedAt)],
    ['started', when(job.startedAt)],
    ['ends', job.endedAt === null && job.startedAt !== null && when(job.expectedEndAt)],
    ['ended', when(job.endedAt)],
    ['starts', job.starts > 1 && `${job.starts}, preempted ${job.preemptions} times`],
    ['runs in', job.pool !== '' && job.pool],
    ...job.placement.map(({ from, to }): Line =>
      ['nodes', from === to ? from : `${from} to ${to}`]),
    ['cap', job.capW !== null && (job.capW === 0 ? 'paused: no power for it'
      : `${formatPower(job.capW)} for each device, at ${formatRatio(job.speed)} of its speed`)],
    ...runLines(job, when),
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.filter(([, value]) => value !== false)
    .map(([name, value]) => `${name.padEnd(width)}  ${shown(value as string)}\n`).join('')
}

function runLines(
  { spec, progress }: JobDetail, when: (at: string | null) => string | false): Line[] {
  const run: Line[] = spec === null ? [] : [
    ['command', spec.command.length > 0 && spec.command.join(' ')],
    ['script', spec.script !== '' && `${formatCount(spec.script.split('\n').length)} lines`],
    ['folder', spec.directory !== '' && spec.directory],
    ['output', spec.output !== '' && spec.output],
    ['saves on', spec.checkpointSignal !== '' && `${spec.checkpointSignal}, within ${
      formatDuration(spec.graceMs)}`],
    ['variables', spec.variables.length > 0 && `${spec.variables.length}, which are not shown`],
  ]
  return progress === null ? run : [...run,
    ['process', progress.pid > 0 && `${progress.pid}`],
    ['saved', when(progress.savedAt)],
    ['says', progress.says !== '' && progress.says],
  ]
}

function askText(job: JobDetail): string {
  const { gpus, nodes, cpusPerNode, memoryPerNodeGiB, device, leastSpeed } = job
  return [
    gpus > 0 && device !== CORES && `${formatCount(gpus)} GPU${gpus === 1 ? '' : 's'}${
      device === '' ? '' : ` of ${device}`}`,
    nodes > 0 && `${formatCount(nodes)} node${nodes === 1 ? '' : 's'}`,
    cpusPerNode > 0 && `${formatCount(cpusPerNode)} core${
      cpusPerNode === 1 ? '' : 's'} on each node`,
    memoryPerNodeGiB > 0 && `${formatCount(memoryPerNodeGiB)} GiB on each node`,
    leastSpeed > 0 && `at least ${formatRatio(leastSpeed)} of its speed`,
  ].filter((part) => part !== false).join(', ') || 'one node'
}
