// Builds the page into dist/web, where the server finds it. `npm ci` runs it, after bin/build.mjs;
// `node bin/build-web.mjs --watch` builds again at each change.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

let build, svelte
try {
  ({ build } = await import('vite'));
  ({ svelte } = await import('@sveltejs/vite-plugin-svelte'))
} catch {
  console.log('vite is not installed (--omit=dev?): the server will have no page.')
  process.exit(0)
}

/** Texts of all languages as one module, each key once: a kilobyte less on the wire. */
const texts = {
  name: 'texts',
  resolveId: (id) => id === 'page:texts' ? id : undefined,
  load(id) {
    if (id !== 'page:texts') return undefined
    const [en, ko] = ['en', 'ko'].map((language) => {
      const path = `${root}/web/texts/${language}.json`
      this.addWatchFile(path)
      return JSON.parse(readFileSync(path, 'utf8'))
    })
    const both = Object.fromEntries(Object.keys(en).map((key) => [key, [en[key], ko[key]]]))
    return `export const TEXTS = ${JSON.stringify(both)}`
  },
}

await build({
  configFile: false,
  root: `${root}/web`,
  logLevel: 'warn',
  plugins: [texts, svelte({ configFile: false, compilerOptions: { runes: true } })],
  build: {
    outDir: `${root}/dist/web`,
    emptyOutDir: true,
    target: 'es2024',
    // The content security policy of the server allows neither script nor picture in the page text.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    watch: process.argv.includes('--watch') ? {} : null,
  },
})
