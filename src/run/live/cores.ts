import { refusal, type JobRequest, type Plant, type Refusal } from '../../model/index.ts'

/**
 * The device of a machine without GPUs: a group of its cores, so that its jobs are charged watts
 * and can be paused for want of them. Whoever asks for cores gets as many of them.
 */
export const CORES = 'cores'

/** A request for cores as one for the devices that stand for them, where the plant has those. */
export function overCores(plant: Plant, request: JobRequest): JobRequest | Refusal {
  const device = plant.devices.indexOf(CORES)
  const system = plant.systems.find((each) => each.device === device && device >= 0)
  if (system === undefined || request.device === device) return request
  if (request.gpus > 0) {
    if (plant.devices.length > 1) return request
    return refusal('no-such-device', `This machine has no GPUs, and ${request.gpus} are asked for. `
      + `Ask for cores: it has ${system.cpus} a node.`)
  }
  const each = Math.floor(system.cpus / system.gpus)
  const perNode = Math.max(1, Math.ceil(request.cpusPerNode / each))
  if (perNode > system.gpus) {
    return refusal('too-large', `${request.cpusPerNode} cores on a node are more than the `
      + `${system.cpus} that it has. Ask for fewer.`)
  }
  return { ...request, device, gpus: perNode * Math.max(1, request.nodes) }
}
