const METHOD = /^[A-Z][A-Z-]{0,31}$/

/** Whether a text is an HTTP method that is taken: upper case, at most 32 characters. */
export function isHttpMethod(text: string): boolean {
  return METHOD.test(text)
}
