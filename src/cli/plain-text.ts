/** Control characters but for line feeds, and what is not seen or turns a text round. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text that a terminal shows and does not obey: names and addresses come from people and their browsers. Lines stay. */
export function plainText(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd')
}

/** JSON for a terminal or a program: such characters are escaped. */
export function jsonText(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  const text = JSON.stringify(value, null, 2)
  return `${text.replace(UNPRINTABLE, (character) => character.split('').map(escaped).join(''))}\n`
}

/** Rows below their headings, in columns. A cell never spans lines. */
export function tableText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows.map((row) => row.map((cell) => plainText(cell).replaceAll('\n', ' ')))]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
