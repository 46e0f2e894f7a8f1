/** Resources of the server that the page shows, as its client types them. */
export type {
  Decisions, DryRun, Factory, FactoryHealth, Feeder, Job, JobDetail, JobPage, JobsAhead, Limit, PowerHistory, Queue,
} from '../../src/api/client.ts'
