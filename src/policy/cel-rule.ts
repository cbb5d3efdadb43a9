/** A check that the API server makes of its own, in CEL (`x-kubernetes-validations`). */
export interface CelRule {
  /** Over `self`, the value that the schema describes. It sees the object after its defaults were filled in. */
  readonly rule: string
  /** The words of the check in zod that it mirrors. */
  readonly message: string
  /** The field to blame, below `self`; without it `self`. */
  readonly fieldPath?: string
}

/**
 * What to hand to `.meta` of a schema, next to the check in zod that says the same, so that an object is refused on its way
 * into the cluster for what `readObject` would find wrong with it. Patterns have to be ones that RE2 reads: no look-around.
 */
export function celRules(...rules: readonly CelRule[]): { readonly 'x-kubernetes-validations': readonly CelRule[] } {
  return { 'x-kubernetes-validations': rules }
}

/** CEL that tests whether `self` matches a regular expression, which must anchor itself. It may contain no `'`. */
export function celMatches({ source, ignoreCase }: RegExp): string {
  return `self.matches(r'${ignoreCase ? '(?i)' : ''}${source}')`
}

/** The meta of a text that must match a regular expression: said in words by CEL, where a `pattern` would show itself. */
export function celPattern(pattern: RegExp, message: string): ReturnType<typeof celRules> & { pattern: undefined } {
  return { pattern: undefined, ...celRules({ rule: celMatches(pattern), message }) }
}
