import { join } from 'node:path'
import { FILES } from './disk.ts'
import type { DeviceKind, Order } from './order.ts'
import { MARKER } from './processes.ts'

/** What of our own environment a job inherits: where programs and homes are, never secrets. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ',
  'TMPDIR'] as const

/** Of torchrun's users; said otherwise in our own words. */
const TORCH_NODES = 'NNODES'

/** Which devices a process sees, by what there are; 'cores' hides nothing. */
const VISIBLE: Record<DeviceKind, readonly string[]> = {
  cuda: ['CUDA_VISIBLE_DEVICES'],
  rocm: ['ROCR_VISIBLE_DEVICES'],
  cores: [],
}

export type Place = {
  readonly node: number
  readonly port: number
  /** Of this attempt, where it may write. */
  readonly folder: string
  /** Where it works. */
  readonly directory: string
  /** How many times this attempt was started: more than once after a pause that ended it. */
  readonly starts: number
  readonly home: Readonly<Record<string, string>>
}

/**
 * The environment of the process that a gang starts on one of its nodes: what it asked for, and
 * over it what tells it where it is, in the words of torchrun, Open MPI, MPICH and Slurm.
 */
export function environmentOf(order: Order, place: Place): Record<string, string> {
  const own: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = process.env[name]
    if (value !== undefined) own[name] = value
  }
  return {
    ...own, ...place.home, ...order.spec.environment,
    ...ours(order, place), ...torch(order, place), ...mpi(order, place), ...slurm(order, place),
    ...devices(order, place),
  }
}

function ours(order: Order, { node, folder, directory, starts }: Place): Record<string, string> {
  const { gang } = order
  return {
    [MARKER]: order.run,
    MILLRACE_JOB: `${order.number}`,
    MILLRACE_JOB_NAME: gang.name,
    MILLRACE_ATTEMPT: `${order.attempt}`,
    MILLRACE_START: `${starts}`,
    MILLRACE_NODE: `${node}`,
    MILLRACE_NODES: `${gang.nodes.length}`,
    MILLRACE_NODE_NAME: gang.nodes[node]!.name,
    MILLRACE_FOLDER: directory,
    MILLRACE_STATUS: join(folder, FILES.status),
    MILLRACE_CHECKPOINT_SIGNAL: order.spec.checkpointSignal,
  }
}

/**
 * One process a node, so the rank is that of the node. `PET_…` are the defaults of torchrun's own
 * options: `torchrun train.py` needs none.
 */
function torch({ gang }: Order, { node, port }: Place): Record<string, string> {
  const nodes = `${gang.nodes.length}`
  return {
    RANK: `${node}`, WORLD_SIZE: nodes, LOCAL_RANK: '0', LOCAL_WORLD_SIZE: '1',
    NODE_RANK: `${node}`, [TORCH_NODES]: nodes, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${port}`,
    PET_NNODES: nodes, PET_NODE_RANK: `${node}`, PET_MASTER_ADDR: '127.0.0.1',
    PET_MASTER_PORT: `${port}`,
    PET_NPROC_PER_NODE: `${Math.max(1, gang.nodes[node]!.devices.length)}`,
  }
}

/** Of Open MPI and MPICH; `mpirun` in a job starts on this machine and asks no Slurm for help. */
function mpi({ gang }: Order, { node }: Place): Record<string, string> {
  const nodes = `${gang.nodes.length}`
  return {
    OMPI_COMM_WORLD_RANK: `${node}`, OMPI_COMM_WORLD_SIZE: nodes,
    OMPI_COMM_WORLD_LOCAL_RANK: '0', OMPI_COMM_WORLD_LOCAL_SIZE: '1',
    OMPI_COMM_WORLD_NODE_RANK: '0',
    PMI_RANK: `${node}`, PMI_SIZE: nodes,
    OMPI_MCA_plm: '^slurm', OMPI_MCA_ras: '^slurm', PRTE_MCA_plm: '^slurm',
    PRTE_MCA_ras: '^slurm', HYDRA_BOOTSTRAP: 'fork',
  }
}

function slurm(order: Order, { node }: Place): Record<string, string> {
  const { gang } = order
  const here = gang.nodes[node]!
  const names = gang.nodes.map(({ name }) => name).join(',')
  const nodes = `${gang.nodes.length}`
  return {
    SLURM_JOB_ID: `${order.number}`, SLURM_JOBID: `${order.number}`, SLURM_JOB_NAME: gang.name,
    SLURM_JOB_NUM_NODES: nodes, SLURM_NNODES: nodes, SLURM_NTASKS: nodes, SLURM_NPROCS: nodes,
    SLURM_NODEID: `${node}`, SLURM_PROCID: `${node}`, SLURM_LOCALID: '0',
    SLURM_JOB_NODELIST: names, SLURM_NODELIST: names, SLURMD_NODENAME: here.name,
    SLURM_LAUNCH_NODE_IPADDR: '127.0.0.1',
    SLURM_RESTART_COUNT: `${order.attempt - 1}`,
    ...(here.cpus > 0 ? {
      SLURM_CPUS_ON_NODE: `${here.cpus}`, SLURM_CPUS_PER_TASK: `${here.cpus}` } : {}),
    ...(here.devices.length > 0 ? { SLURM_GPUS_ON_NODE: `${here.devices.length}` } : {}),
  }
}

function devices(order: Order, { node }: Place): Record<string, string> {
  const list = order.gang.nodes[node]!.devices.join(',')
  const visible = VISIBLE[order.devices].map((name) => [name, list] as const)
  return {
    MILLRACE_DEVICES: list, ...Object.fromEntries(visible),
    // Else CUDA counts the fastest first, and not as nvidia-smi does.
    ...(order.devices === 'cuda' ? { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } : {}),
  }
}
