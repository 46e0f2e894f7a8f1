import { get, Refused, type Query } from '../api.ts'
import { t } from '../texts.svelte.ts'
import type { Job, JobPage } from '../resources.ts'
import { cursorOf, rowsOf, withPage, type Page } from './pages.ts'

/** Jobs of the list, read page by page: with other filters it begins anew. */
const PAGE = 100

export class Jobs {
  /** False until the first page is there. */
  isRead = $state(false)
  problem = $state('')
  pages: readonly Page<Job>[] = $state.raw([])
  readonly all = $derived(rowsOf(this.pages))
  /** Whether the server has more of the list. */
  readonly hasMore = $derived((this.pages.at(-1)?.next ?? null) !== null)
  private query: Query = {}
  private isReading = false

  begin(query: Query): void {
    this.query = query
    this.pages = []
    this.isRead = false
  }

  /** Reads a page, for the first time or again; one at a time. */
  async read(at: number): Promise<void> {
    if (this.isReading) return
    this.isReading = true
    const { query } = this
    try {
      const page = await get<JobPage>('/v1/jobs', {
        ...query, limit: PAGE, cursor: cursorOf(this.pages, at) })
      this.problem = ''
      if (query === this.query) {
        this.pages = withPage(this.pages, at, page)
        this.isRead = true
      }
    } catch (error) {
      this.problem = error instanceof Refused ? error.problem.detail : t('unreachable')
    } finally {
      this.isReading = false
    }
    if (query !== this.query) void this.read(0)
  }
}
