import type { FloorNews } from './feed.svelte.ts'

type Listener = (news: FloorNews) => void

/** Changes of the floor go from the feed to whoever shows it, without a pass through reactivity. */
class News {
  private readonly listeners = new Set<Listener>()

  tell(news: FloorNews): void {
    for (const listener of this.listeners) listener(news)
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

export const news = new News()
