/** Text of others on a terminal: job names and logs may hold anything. */

/**
 * As it can be shown in a line: what would move the cursor, colour, or turn the direction of the
 * line stands as \xNN or \u{…}.
 */
export function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu,
    (char) => {
      const code = char.codePointAt(0)!.toString(16)
      return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`
    })
}

/** Columns that a text takes: two for letters of East Asia and most emoji, none for marks. */
export function widthOf(text: string): number {
  let width = 0
  for (const char of text) {
    width += /\p{Mn}|\p{Me}|\u200D|\uFE0F/u.test(char) ? 0 : isWide(char) ? 2 : 1
  }
  return width
}

/** The ranges of Unicode's East Asian Width that are wide or full, coarsely. */
function isWide(char: string): boolean {
  const code = char.codePointAt(0)!
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf)
    || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff)
    || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60)
    || (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff)
    || (code >= 0x20000 && code <= 0x3fffd)
}

/** Cut to so many columns, with … where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let left = width - 1
  for (const char of text) {
    left -= widthOf(char)
    if (left < 0) break
    kept += char
  }
  return width <= 0 ? '' : `${kept}…`
}
