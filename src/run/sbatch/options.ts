/** An option of sbatch and what becomes of it here. */
export type SbatchOption = {
  readonly long: string
  readonly short?: string
  /** Another whole name that sbatch takes for it. */
  readonly also?: string
  readonly takes: 'value' | 'nothing' | 'perhaps'
  /** `read`: it depends on its value (wish.ts); the others whatever it says. */
  readonly does: 'read' | 'ignored' | 'refused'
  /** Why it is ignored without harm, or why it cannot be done. */
  readonly says: string
}

type Row = readonly [names: string, takes: 'value' | 'nothing' | 'perhaps', says: string]

/** slurm.schedmd.com/sbatch.html, of 25.05 and of 22.05, which Debian 12 has. */
const READ: readonly Row[] = [
  ['job-name J', 'value', ''],
  ['partition p', 'value', ''],
  ['nodes N', 'value', ''],
  ['ntasks n tasks', 'value', ''],
  ['ntasks-per-node tasks-per-node', 'value', ''],
  ['cpus-per-task c', 'value', ''],
  ['cpus-per-gpu', 'value', ''],
  ['gpus G', 'value', ''],
  ['gpus-per-node', 'value', ''],
  ['gpus-per-task', 'value', ''],
  ['gres', 'value', ''],
  ['mem', 'value', ''],
  ['mem-per-cpu', 'value', ''],
  ['mem-per-gpu', 'value', ''],
  ['time t', 'value', ''],
  ['priority', 'value', ''],
  ['nice', 'perhaps', ''],
  ['dependency d', 'value', ''],
  ['array a', 'value', ''],
  ['signal', 'value', ''],
  ['requeue', 'nothing', ''],
  ['output o', 'value', ''],
  ['error e', 'value', ''],
  ['chdir D workdir', 'value', ''],
  ['export', 'value', ''],
  ['exclusive', 'perhaps', ''],
  ['begin b', 'value', ''],
  ['test-only', 'nothing', ''],
]

const IGNORED: readonly Row[] = [
  ['account A', 'value', 'accounts are queues here; name one with --queue'],
  ['qos q', 'value', 'queues and priorities decide here'],
  ['comment', 'value', 'comments are not kept'],
  ['admin-comment', 'value', 'comments are not kept'],
  ['wckey', 'value', 'there are no keys of accounting'],
  ['mail-type', 'value', 'no mail is sent; millrace logs -f and the event stream tell'],
  ['mail-user', 'value', 'no mail is sent; millrace logs -f and the event stream tell'],
  ['open-mode', 'value', 'logs are always appended to'],
  ['oversubscribe s share', 'nothing', 'devices are never shared between jobs'],
  ['overcommit O', 'nothing', 'the job may start as many processes as it likes'],
  ['ntasks-per-gpu', 'value', 'the job starts its own processes'],
  ['ntasks-per-core', 'value', 'the job starts its own processes'],
  ['ntasks-per-socket', 'value', 'the job starts its own processes'],
  ['threads-per-core', 'value', 'cores are counted, not threads'],
  ['cores-per-socket', 'value', 'cores are counted, not sockets'],
  ['sockets-per-node', 'value', 'cores are counted, not sockets'],
  ['extra-node-info B', 'value', 'cores are counted, not sockets'],
  ['core-spec S', 'value', 'no cores are set aside for the system'],
  ['thread-spec', 'value', 'no threads are set aside for the system'],
  ['distribution m', 'value', 'the job places its own processes'],
  ['hint', 'value', 'the job binds its own processes'],
  ['cpu-bind', 'value', 'the job binds its own processes'],
  ['mem-bind', 'value', 'the job binds its own processes'],
  ['gpu-bind', 'value', 'the job binds its own processes'],
  ['gres-flags', 'value', 'the job binds its own processes'],
  ['time-min', 'value', 'the time limit is an estimate here and is not shortened'],
  ['use-min-nodes', 'nothing', 'of a range of nodes the most are asked for'],
  ['spread-job', 'nothing', 'the policy of placement decides'],
  ['kill-on-invalid-dep', 'value', 'why tells of a job whose dependency failed'],
  ['no-kill k', 'perhaps', 'a gang that loses a node is requeued'],
  ['wait-all-nodes', 'value', 'a gang starts when all of its nodes are there'],
  ['get-user-env', 'perhaps', 'the environment is that of the shell that submits'],
  ['propagate', 'perhaps', 'limits of processes are those of the server'],
  ['profile', 'value', 'draw is metered by node'],
  ['acctg-freq', 'value', 'draw is metered by node'],
  ['parsable', 'nothing', 'use --json'],
  ['quiet Q', 'nothing', 'it changes nothing of the job'],
  ['verbose v', 'nothing', 'it changes nothing of the job'],
  ['immediate I', 'perhaps', 'a job waits until it can start'],
  ['ignore-pbs', 'nothing', 'lines of PBS are never read'],
  ['network', 'value', 'the network is not set up by job'],
  ['cpu-freq', 'value', 'clocks follow the caps'],
  ['gpu-freq', 'value', 'clocks follow the caps'],
  ['power', 'value', 'caps are set by the power policy'],
  ['delay-boot', 'value', 'nodes are not booted by job'],
]

const REFUSED: readonly Row[] = [
  ['hold H', 'nothing', 'a job cannot be held before it is there; submit it, then millrace hold'],
  ['no-requeue', 'nothing', 'a job that loses a node is always requeued'],
  ['nodelist w', 'value', 'a job cannot name its nodes'],
  ['exclude x', 'value', 'a job cannot exclude nodes; an operator can drain them'],
  ['nodefile F', 'value', 'a job cannot name its nodes'],
  ['constraint C', 'value', 'nodes have no features here; name a device type in --gres'],
  ['cluster-constraint', 'value', 'there is one cluster; name a device type in --gres'],
  ['clusters M', 'value', 'there is one cluster; use --factory'],
  ['prefer', 'value', 'nodes have no features here'],
  ['contiguous', 'nothing', 'neighbouring nodes cannot be demanded'],
  ['switches', 'value', 'the number of switches cannot be demanded'],
  ['reservation', 'value', 'windows are kept for queues; use the queue it is kept for'],
  ['licenses L', 'value', 'licences are not counted'],
  ['deadline', 'value', 'a job is not removed at a deadline'],
  ['tmp', 'value', 'room on disks of nodes is not counted'],
  ['mincpus', 'value', 'use --cpus-per-task'],
  ['sockets', 'value', 'cores are counted, not sockets'],
  ['gpus-per-socket', 'value', 'cores are counted, not sockets'],
  ['ntasks-per-board', 'value', 'cores are counted, not boards'],
  ['wait W', 'nothing', 'use millrace logs -f with the job, which waits for its end'],
  ['wrap', 'value', 'use millrace submit -- COMMAND'],
  ['input i', 'value', 'the standard input is empty; redirect it in the script'],
  ['export-file', 'value', 'use --export'],
  ['reboot', 'nothing', 'nodes are not booted by job'],
  ['uid', 'value', 'a job runs as whoever its token stands for'],
  ['gid', 'value', 'a job runs as whoever its token stands for'],
  ['bb', 'value', 'there are no burst buffers'],
  ['bbf', 'value', 'there are no burst buffers'],
  ['container', 'value', 'start the container in the script'],
  ['container-id', 'value', 'start the container in the script'],
]

function optionOf(does: SbatchOption['does'], [names, takes, says]: Row): SbatchOption {
  const [long, ...others] = names.split(' ')
  const short = others.find((name) => name.length === 1)
  const also = others.find((name) => name.length > 1)
  return {
    long: long!, takes, does, says,
    ...(short === undefined ? {} : { short }), ...(also === undefined ? {} : { also }),
  }
}

export const OPTIONS: readonly SbatchOption[] = [
  ...READ.map((row) => optionOf('read', row)),
  ...IGNORED.map((row) => optionOf('ignored', row)),
  ...REFUSED.map((row) => optionOf('refused', row)),
]
