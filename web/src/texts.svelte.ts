import en from '../texts/en.json'
import ko from '../texts/ko.json'

/** Texts of the page by key, in the language that the browser wants or the person chose. */
export type Key = keyof typeof en

export const LANGUAGES = { en: 'English', ko: '한국어' } as const
export type Language = keyof typeof LANGUAGES

const TEXTS: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, ko }
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
  return TEXTS[language.is][key].replace(PLACES, (_, name: string, one?: string, more?: string) =>
    one === undefined ? `${values[name] ?? ''}` : `${values[name]}` === '1' ? one : more ?? '')
}

const PLACES = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g

function first(): Language {
  const wanted = localStorage.getItem(STORED) ?? navigator.language.slice(0, 2)
  const found: Language = wanted === 'ko' ? 'ko' : 'en'
  document.documentElement.lang = found
  return found
}
