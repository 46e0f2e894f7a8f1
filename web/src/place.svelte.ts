/**
 * Where the page is, as its address says: every view is a link with its time. Views read the
 * fields; `go` changes them and the address together.
 */
export const VIEWS = ['floor', 'power', 'queue', 'what-if', 'ahead', 'job', 'health'] as const
export type View = (typeof VIEWS)[number]

/** Letters of the keyboard, by view. */
export const KEYS: Readonly<Record<string, View>> = {
  f: 'floor', p: 'power', q: 'queue', w: 'what-if', a: 'ahead', j: 'job', h: 'health',
}

export type Place = {
  view: View
  /** '' for the server's default. */
  factory: string
  /** RFC 3339, '' for now. */
  at: string
  lens: string
  /** Number of a job, '' for none. */
  job: string
  /** Feeder, hall, row or rack by name; '' for all of it. */
  within: string
  /** A range of time that every view shows, RFC 3339; '' for the usual one. */
  from: string
  until: string
  /** Of the what-if that is kept in the link, one after another with ";". */
  changes: string
}

/** Parts of a place that stand in its address by their own name. */
const PARTS = [
  'factory', 'at', 'lens', 'job', 'within', 'from', 'until', 'changes',
] as const satisfies readonly (keyof Place)[]

const EMPTY: Place = {
  view: 'floor', factory: '', at: '', lens: 'phase', job: '', within: '', from: '', until: '',
  changes: '',
}

export const place: Place = $state(read(location))

/** Changes some of the place; with `isSame` the address is replaced and not added. */
export function go(change: Partial<Place>, isSame = false): void {
  Object.assign(place, change)
  const address = addressOf(place)
  if (isSame) history.replaceState(undefined, '', address)
  else history.pushState(undefined, '', address)
}

/** The address of a place, for links that open by themselves. */
export function linkTo(change: Partial<Place>): string {
  return addressOf({ ...place, ...change })
}

addEventListener('popstate', () => Object.assign(place, read(location)))

function read({ pathname, search }: Location): Place {
  const query = new URLSearchParams(search)
  const named = pathname.split('/').at(-1) ?? ''
  const found: Place = { ...EMPTY }
  const view = VIEWS.find((each) => each === (query.get('view') ?? named))
  if (view !== undefined) found.view = view
  for (const key of PARTS) {
    found[key] = query.get(key) ?? EMPTY[key]
  }
  return found
}

function addressOf(at: Place): string {
  const query = new URLSearchParams()
  if (at.view !== EMPTY.view) query.set('view', at.view)
  for (const key of PARTS) {
    if (at[key] !== EMPTY[key]) query.set(key, at[key])
  }
  const text = query.toString()
  return text === '' ? '/' : `/?${text}`
}
