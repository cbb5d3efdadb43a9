/** `*` stands in wildcard hosts alone. */
const ESCAPES: Readonly<Record<string, string>> = { z: 'zz', '-': 'zh', '.': 'zd', '*': 'zw' }

/**
 * Spells a name (or host) with letters and digits alone, no two alike. Traefik flattens namespace and name into one text
 * and makes every run of other characters one dash, so that names with dashes and dots can collide.
 */
export function plainName(name: string): string {
  return name.replace(/[z.*-]/g, (character) => ESCAPES[character] ?? character)
}
