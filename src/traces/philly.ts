import { toSeconds } from '../base/units.ts'
import { readTable } from './columns.ts'
import { ASKS_FOR_NOTHING, RAN_NO_TIME, type TableFormat } from './format.ts'

const COLUMNS = ['job_id', 'submit_s', 'gpus', 'duration_s', 'vc'] as const

/**
 * Jobs of Microsoft's Philly cluster, 2017 (msr-fiddle/philly-traces, CC BY 4.0), as a table.
 * The virtual cluster `vc` has to be there, but names a share of Philly and no queue of ours.
 */
export const philly: TableFormat = {
  name: 'philly',
  summary: `Microsoft Philly jobs, CSV: ${COLUMNS.join(', ')}`,
  times: 'ordered',
  header: COLUMNS.join(','),
  example: `${COLUMNS.join(',')}
phl-000000,0,8,2240194,7f04ca
phl-000001,235696,1,3256045,6214e9
phl-000002,257229,1,0,6214e9
phl-000003,258252,1,3219826,6214e9
`,

  begin: (jobs) => readTable(COLUMNS, 'any', (fieldOf) => {
    const idField = fieldOf('job_id')
    const submitField = fieldOf('submit_s')
    const gpusField = fieldOf('gpus')
    const durationField = fieldOf('duration_s')
    return (line) => {
      const submitAtMs = line.timeMsAt(submitField, 'submit_s')
      const gpus = line.countAt(gpusField, 'gpus')
      const workMs = line.timeMsAt(durationField, 'duration_s')
      if (gpus === 0) return jobs.skip(line, ASKS_FOR_NOTHING)
      if (workMs === 0) return jobs.skip(line, RAN_NO_TIME)
      const id = line.nameAt(idField, 'job_id')
      jobs.addPlain(line, id, submitAtMs, gpus, workMs)
    }
  }),

  rowOf: (job) =>
    `${job.id},${toSeconds(job.submitAtMs)},${job.gpus},${toSeconds(job.workMs)},none`,
}
