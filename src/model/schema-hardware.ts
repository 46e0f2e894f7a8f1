import * as z from 'zod'
import { quantity } from './schema-quantity.ts'

/** Hardware that a factory file describes itself: what it measured, or what no catalogue has. */

/** A mask of 32 bits says which devices of a node a job has. */
const DEVICES_MOST = 32

const name = (about: string) =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/).meta({ description: about })

const watts = (about: string, least: 0 | 1 = 1) =>
  quantity('power', least, about, ['700 W', '15.5 W'])

export const deviceSchema = z.strictObject({
  name: name('Name of the device; one of the catalogue is replaced.'),
  idle: watts('What one draws with no job.', 0),
  typical: watts('What one draws at work; without it, its rating.').optional(),
  rated: watts('Its highest power cap, or what it draws at most.'),
  minCap: watts('Its lowest power cap. As much as its rating: it takes no caps, and pausing is all '
    + 'that lowers its draw. Without it, caps are taken to act as on the reference device.')
    .optional(),
  paused: watts('What one draws while its job is paused; without it, what it draws idle.', 0)
    .optional(),
  speed: z.number().gt(0).max(1e6).meta({
    description: 'Its training throughput against the reference device\'s; without it, 1.' })
    .optional(),
}).meta({ description: 'An accelerator, or a group of cores that stands for one.' })

export const systemSchema = z.strictObject({
  name: name('Name of the system; one of the catalogue is replaced.'),
  device: z.string().meta({
    description: 'Its device, of this file or of the catalogue; without it, it has none.',
    examples: ['H100'] }).optional(),
  gpus: z.int().min(1).max(DEVICES_MOST).meta({ description: 'Devices of a node.' }).optional(),
  cpus: z.int().min(1).max(100_000).meta({ description: 'Cores of a node.' }),
  memoryGiB: z.int().min(1).max(10_000_000).meta({ description: 'Memory of a node in GiB.' }),
  idle: watts('What a node draws with no job, its devices included.', 0),
  typical: watts('What a node draws with all devices at work; without it, its rating.').optional(),
  rated: watts('What a node draws at most, its devices included.'),
  nodesPerRack: z.int().min(1).max(100_000).meta({
    description: 'Nodes in a full rack; without it, 1.' }).optional(),
  rackOverhead: watts('What a rack draws besides its nodes; without it, nothing.', 0).optional(),
  linkDomain: z.enum(['node', 'rack']).meta({
    description: 'Within what its devices talk over a fast link; without it, the node.' })
    .optional(),
}).meta({ description: 'A kind of node, and the rack that it comes in.' })

export type DeviceDocument = z.infer<typeof deviceSchema>
export type SystemDocument = z.infer<typeof systemSchema>
