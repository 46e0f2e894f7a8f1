import { get, Refused, send } from './api.ts'

/** Who looks, and what they may do. */
export const ROLES = ['viewer', 'submitter', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

type Session = { readonly name: string, readonly role: Role }

export const session: { is: Session | undefined, isKnown: boolean } = $state({
  is: undefined, isKnown: false,
})

/** Whether this person may do what needs a role: what they may not do is not shown. */
export function may(role: Role): boolean {
  return session.is !== undefined && ROLES.indexOf(session.is.role) >= ROLES.indexOf(role)
}

/** Asks who this is; nobody, where there is no session yet. */
export async function resume(): Promise<void> {
  try {
    session.is = await get<Session>('/v1/session')
  } catch (error) {
    // A server that does not answer says nothing about the session.
    if (error instanceof Refused) session.is = undefined
  } finally {
    session.isKnown = true
  }
}

export async function signIn(token: string): Promise<void> {
  session.is = await send<Session>('POST', '/v1/session', { token })
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/v1/session')
  session.is = undefined
}
