declare module '*.css'

/** Made of web/texts by bin/build-web.mjs: by key, the text in each language. */
declare module 'page:texts' {
  export const TEXTS: Readonly<Record<string, readonly [en: string, ko: string]>>
}
