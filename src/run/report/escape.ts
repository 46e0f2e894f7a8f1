/** Names of jobs, files and factories come from outside: nothing of them may act as markup. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;',
}

/** Text as it may stand between tags and in a quoted attribute of HTML. */
export function escapeHtml(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)
}

/** A sentence for HTML, in which a number and its unit stay on one line. */
export function escapeSentence(text: string): string {
  return escapeHtml(keepTogether(text))
}

/** JSON that can stand inside a script element: no text in it can end the element. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (sign) =>
    `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Text without signs that move a terminal's cursor, change its colours or turn the reading
 * direction. Line ends and tabs stay.
 */
function withoutControls(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** The same on one line. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, ' ').trim()
}

/** Puts a space that does not break between a number and its unit. */
export function keepTogether(text: string): string {
  return text.replace(/(\d) (%|[kMG]?Wh?|GB|d|h|min|s|ms)(?=$|[\s.,;:)])/g, '$1\u00a0$2')
}
