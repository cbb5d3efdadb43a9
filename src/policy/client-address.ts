/** Where a proxy writes the address of its client. */
export interface ClientAddressSource {
  readonly header: string
  /** How many addresses, counted from the right, are proxies of our own. */
  readonly trustedHops: number
}

const ADDRESS = /^[0-9A-Fa-f.:]{2,45}$/

/**
 * Picks the client's address out of a header that each proxy appends to: the right-most one that is not a proxy of our
 * own. What stands further left was written by the client and proves nothing.
 *
 * @returns the address, or undefined if there is none or it does not look like one; `ip` rules then answer error
 */
export function clientAddress(value: string | undefined, trustedHops: number): string | undefined {
  if (value === undefined) return undefined
  if (trustedHops === 0 && !value.includes(',')) return ADDRESS.test(value) ? value : undefined
  const address = value
    .split(',')
    .at(-1 - trustedHops)
    ?.trim()
  return address !== undefined && ADDRESS.test(address) ? address : undefined
}
