import { TEXTS } from 'page:texts'
import type en from '../texts/en.json'
import type ko from '../texts/ko.json'

/** Texts of the page by key, in the language that the browser wants or the person chose. */
export type Key = keyof typeof en & keyof typeof ko

export const LANGUAGES = { en: 'English', ko: '한국어' } as const
export type Language = keyof typeof LANGUAGES

/** Where the texts of a language stand in the list of each key. */
const PLACE_OF: Readonly<Record<Language, 0 | 1>> = { en: 0, ko: 1 }
const STORED = 'millrace.language'

export const language: { is: Language } = $state({ is: first() })

export function speak(chosen: Language): void {
  language.is = chosen
  localStorage.setItem(STORED, chosen)
  document.documentElement.lang = chosen
}

/**
 * The text with its {places} filled in; {count|job|jobs} is the first word where the count is 1,
 * else the second. Never HTML: Svelte writes it as text.
 */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const text = TEXTS[key]![PLACE_OF[language.is]]
  return text.replace(PLACES, (_, name: string, one?: string, more?: string) =>
    one === undefined ? `${values[name] ?? ''}` : `${values[name]}` === '1' ? one : more ?? '')
}

const PLACES = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g

function first(): Language {
  const wanted = localStorage.getItem(STORED) ?? navigator.language.slice(0, 2)
  const found: Language = wanted === 'ko' ? 'ko' : 'en'
  document.documentElement.lang = found
  return found
}
