import * as z from 'zod'
import { problem, type Path } from '../catalog/problem.ts'
import { shapeProblems } from '../catalog/shape-problems.ts'
import { readYaml } from '../catalog/yaml-text.ts'

/**
 * The file that Kueue's performance test makes its load of: test/performance/scheduler/runner/
 * generator of kubernetes-sigs/kueue. Of what it says about the cluster only the names of the
 * topology's levels matter here; nodes and quotas stand in a factory file.
 */

/** Made when a file is read: most runs read none, and every run would wait for it. */
function makeSchema() {
  const name = z.string().min(1).max(100)
  const count = z.int().min(0).max(1_000_000)
  /** A quantity of Kubernetes, or a plain number. */
  const quantity = z.union([z.string(), z.number()])

  const workload = z.strictObject({
    className: name,
    runtimeMs: z.int().min(0).max(1e12),
    priority: z.int().min(-2147483647).max(2147483647).optional(),
    request: quantity,
    podCount: z.int().min(1).max(1_000_000).optional(),
    tasConstraint: z.enum(['required', 'preferred', 'balanced']).optional(),
    tasLevel: z.string().optional(),
    sliceSize: count.optional(),
  })

  const workloadsSet = z.strictObject({
    count,
    creationIntervalMs: z.int().min(0).max(1e9),
    workloads: z.array(workload).max(1000),
  })

  const queuesSet = z.strictObject({
    className: name,
    count,
    nominalQuota: quantity,
    borrowingLimit: quantity.optional(),
    reclaimWithinCohort: z.string().optional(),
    withinClusterQueue: z.string().optional(),
    workloadsSets: z.array(workloadsSet).max(1000),
  })

  const level = z.strictObject({
    name: z.string(),
    count,
    nodeLabel: z.string(),
    capacity: z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() }).optional(),
  })

  return z.strictObject({
    cohorts: z.array(z.strictObject({
      className: name, count, queuesSets: z.array(queuesSet).max(1000),
    })).min(1).max(1000),
    topology: z.strictObject({ name: z.string(), levels: z.array(level).min(1).max(4) }).optional(),
    resourceFlavor: z.strictObject({
      name: z.string(), nodeLabel: z.string().optional(), topologyName: z.string().optional(),
    }).optional(),
  })
}

export type KueueDocument = z.infer<ReturnType<typeof makeSchema>>
export type WorkloadsSet =
  KueueDocument['cohorts'][number]['queuesSets'][number]['workloadsSets'][number]
export type KueueWorkload = WorkloadsSet['workloads'][number]

export type KueueFile = {
  readonly document: KueueDocument
  readonly lineOf: (path: Path) => number
  /** Throws "FILE:LINE:COLUMN: message". */
  readonly fail: (path: Path, message: string) => never
}

/** Reads the file, or throws one InputError with every problem and its place. */
export function readKueueFile(text: string, path: string): KueueFile {
  const yaml = readYaml(text, path, 'cohorts')
  const schema = makeSchema()
  const shape = schema.safeParse(yaml.value, { reportInput: true })
  if (!shape.success) {
    throw yaml.error(shapeProblems(shape.error.issues, z.toJSONSchema(schema)))
  }
  const fail = (at: Path, message: string): never => {
    throw yaml.error([problem(at, message)])
  }
  return { document: shape.data, lineOf: yaml.lineOf, fail }
}
