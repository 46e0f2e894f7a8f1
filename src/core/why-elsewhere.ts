import { NONE } from '../base/id.ts'
import type { Link } from './blocker-chain.ts'
import { quotaShort } from './blocker.ts'
import { windowsOf } from './remedy-removal.ts'
import type { State } from './state.ts'

/**
 * What Slurm and Kueue say of a job in the same place, in their own words: docs/why.md says where
 * each is from. An empty text means that they have no word for it.
 */
export type Elsewhere = {
  /** The reason that squeue shows. */
  readonly slurm: string
  /** Reason and message of the workload's condition QuotaReserved. */
  readonly kueue: { readonly reason: string, readonly message: string }
}

const NOTHING: Elsewhere = { slurm: 'None', kueue: { reason: '', message: '' } }

/** The words for what binds first; a job that runs or starts next has none. */
export function elsewhereOf(state: State, job: number, link: Link | undefined): Elsewhere {
  if (link === undefined) return NOTHING
  return { slurm: slurmReason(state, job, link), kueue: kueueCondition(state, job, link) }
}

function slurmReason(state: State, job: number, link: Link): string {
  switch (link.blocker.reason) {
    case 'held': return 'JobHeldUser'
    case 'dependency': return state.tables.jobs.doomed[job] === 1
      ? 'DependencyNeverSatisfied' : 'Dependency'
    case 'quota': return link.blocker.unit === 'GPUs' ? 'AssocGrpGRES' : 'AssocGrpCpuLimit'
    case 'power': return 'Licenses'
    case 'nodes':
    case 'devices':
    case 'cpus':
    case 'topology': return 'Resources'
    case 'window': return isMaintenance(link, job)
      ? 'ReqNodeNotAvail, Reserved for maintenance'
      : 'ReqNodeNotAvail, May be reserved for other job'
    case 'order':
    case 'reservation': return 'Priority'
  }
}

function isMaintenance({ state, search }: Link, job: number): boolean {
  if (search === undefined) return false
  return windowsOf(state, job, search).some((window) =>
    state.tables.windows.queue[window] === NONE)
}

function kueueCondition(state: State, job: number, link: Link): Elsewhere['kueue'] {
  const { need, have, at, reason, unit } = link.blocker
  const prefix = 'couldn\'t assign flavors to pod set main: '
  switch (reason) {
    case 'quota': {
      const short = quotaShort(state, job)
      const resource = short?.resource === 'cores' ? 'cpu' : 'nvidia.com/gpu'
      return {
        reason: 'WaitingForQuota',
        message: `${prefix}insufficient unused quota for ${resource} in flavor `
          + `${flavorOf(state, job)}, ${need - have} more needed`,
      }
    }
    case 'nodes':
    case 'devices':
    case 'cpus':
    case 'topology': return {
      reason: 'TopologyPlacementFailed',
      message: prefix + (have <= 0 || unit !== 'nodes'
        ? `topology "${at}" doesn't allow to fit any of ${podsOf(link)}`
        : `topology "${at}" allows to fit only ${have} out of ${podsOf(link)}`),
    }
    case 'held': return { reason: 'Suspended', message: '' }
    default: return { reason: '', message: '' }
  }
}

/** Kueue counts pods: one a node. */
function podsOf({ search, blocker }: Link): string {
  const { unit, need } = blocker
  const pods = unit === 'nodes' || search === undefined ? need
    : search.shape.whole + search.shape.parts
  return `${pods} pod(s)`
}

function flavorOf(state: State, job: number): string {
  const { jobs } = state.tables
  const { devices, pools, queues } = state.layout.plant
  return devices[jobs.device[job]!] ?? pools[queues[jobs.queue[job]!]!.pools[0]!]!.name
}
