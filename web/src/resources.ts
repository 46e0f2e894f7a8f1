/** Resources of the server that the page shows, as its client types them. */
export type {
  Factory, Feeder, Job, JobDetail, JobPage, Limit, Queue,
} from '../../src/api/client.ts'
