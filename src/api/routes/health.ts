import type { Api, Desk } from '../desk.ts'
import { metricsOf } from '../metrics.ts'

/** For whoever watches the server: a probe of a process, a balancer, Prometheus. */
export function healthRoutes(api: Api, desk: Desk): void {
  const metrics = metricsOf(api)
  api.get('/healthz', { config: { role: 'anyone' }, schema: { hide: true } },
    async (_, reply) => reply.type('text/plain').serializer(String).send('ok\n'))
  api.get('/readyz', { config: { role: 'anyone' }, schema: { hide: true } }, async (_, reply) => {
    const ill = [...desk.factories.values()].filter(({ controller }) =>
      !controller.health().isDeciding)
    // Why is for those who have a token: it may name paths.
    const text = ill.length === 0 ? 'ready\n'
      : `not deciding: ${ill.map(({ controller }) => controller.name).join(', ')}\n`
    return reply.code(ill.length === 0 ? 200 : 503).type('text/plain').serializer(String)
      .send(text)
  })
  api.get('/metrics', { config: { role: 'viewer' }, schema: { hide: true } },
    async (_, reply) => reply.type(metrics.type).serializer(String)
      .send(await metrics.text(desk)))
}
