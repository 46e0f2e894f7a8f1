import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import { ROOT } from '../../run/root.ts'
import type { Api } from '../desk.ts'

/** Where `npm ci` builds the page: see bin/build-web.mjs. */
const FOLDER = join(ROOT, 'dist/web')

/** Nothing runs and nothing is shown but what the server itself sends. */
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
  "connect-src 'self'", "font-src 'self'", "base-uri 'none'", "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.json': 'application/json',
}

type Asset = { readonly type: string, readonly bytes: Buffer, readonly isHashed: boolean }

/** The page and its parts, read once. Their paths say what they hold: they are kept for ever. */
export function pageRoutes(api: Api, folder: string = FOLDER): void {
  const assets = assetsOf(folder)
  const index = assets.get('/index.html')
  for (const [path, asset] of assets) {
    if (path !== '/index.html') api.get(path, { schema: { hide: true } }, (_, reply) =>
      answer(reply, asset))
  }
  api.get('/', { schema: { hide: true } }, (_, reply) => index === undefined
    ? reply.type('text/plain; charset=utf-8').send('The page is not built. Run `npm ci` in the '
      + 'folder of Millrace, or `node bin/build-web.mjs`. The interface is at /v1/openapi.json.\n')
    : answer(reply, index))
}

function answer(reply: FastifyReply, { type, bytes, isHashed }: Asset): FastifyReply {
  return reply.headers({
    'content-type': type, 'content-encoding': 'gzip', 'content-security-policy': POLICY,
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  }).send(bytes)
}

function assetsOf(folder: string): Map<string, Asset> {
  const found = new Map<string, Asset>()
  if (!existsSync(folder)) return found
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length).replaceAll('\\', '/')
    found.set(path, {
      type, bytes: gzipSync(readFileSync(file)), isHashed: path.startsWith('/assets/'),
    })
  }
  return found
}
