import { toSeconds } from '../base/units.ts'
import { readTable } from './columns.ts'
import { ASKS_FOR_NOTHING, RAN_NO_TIME, type TableFormat } from './format.ts'
import { gibOfGb } from './memory.ts'

const COLUMNS = [
  'job_id', 'arrival_s', 'duration_s', 'nodes', 'gpus', 'is_pretrain', 'mem_per_pod_GB',
] as const

/** A node of Kalos has 8 A100 and 2,048 GB (Acme, arXiv 2403.07648, table 1): a GPU's share. */
const SHARE_PER_GPU_GB = 256

/**
 * LLM-era jobs of Shanghai AI Lab's Kalos cluster (InternLM/AcmeTrace, CC BY 4.0), as a table.
 * `nodes` are pods. They say only whether a pod asks for more memory than its GPUs' share: how
 * many nodes a gang takes is decided where it runs, by how many devices those have.
 */
export const kalos: TableFormat = {
  name: 'kalos',
  summary: `Acme Kalos jobs, CSV: ${COLUMNS.join(', ')}`,
  times: 'ordered',
  header: COLUMNS.join(','),
  example: `${COLUMNS.join(',')}
0,0.0,104.0,8,64,0,1000.0
1,313.0,78.0,1,2,0,1000.0
2,14435.0,0.0,8,64,0,1000.0
3,58324.0,68.0,16,128,1,1900.0
`,

  begin: (jobs) => readTable(COLUMNS, 'any', (fieldOf) => {
    const [idField, submitField, durationField, nodesField, gpusField, pretrainField, memoryField] =
      COLUMNS.map(fieldOf) as [number, number, number, number, number, number, number]
    return (line) => {
      const submitAtMs = line.timeMsAt(submitField, 'arrival_s')
      const workMs = line.timeMsAt(durationField, 'duration_s')
      const pods = line.countAt(nodesField, 'nodes')
      const gpus = line.countAt(gpusField, 'gpus')
      const isPretrain = line.numberAt(pretrainField)
      if (isPretrain !== 0 && isPretrain !== 1) {
        line.failOnField(pretrainField, 'is_pretrain', 'write 1 or 0')
      }
      const podGb = line.numberAt(memoryField)
      if (!(podGb >= 0 && podGb < Infinity)) {
        line.failOnField(memoryField, 'mem_per_pod_GB', 'write the GB of each pod, or 0')
      }
      if (gpus === 0 || pods === 0) return jobs.skip(line, ASKS_FOR_NOTHING)
      if (workMs === 0) return jobs.skip(line, RAN_NO_TIME)
      const isShare = podGb * pods <= SHARE_PER_GPU_GB * gpus
      const id = line.nameAt(idField, 'job_id')
      const memoryPerNodeGiB = isShare ? 0 : gibOfGb(podGb)
      jobs.addPlain(line, id, submitAtMs, gpus, workMs, 0, memoryPerNodeGiB)
    }
  }),

  rowOf: (job) => [
    job.id, toSeconds(job.submitAtMs), toSeconds(job.workMs), 1, job.gpus, 0, 0,
  ].join(','),
}
