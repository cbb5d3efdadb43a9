/** Lines about revocation, and about the clock by which it goes. */
export const revocationLines = {
  revoked: {
    when: 'Something has been revoked, or the store gave no answer when it was to be.',
    level: '`info` if accepted, else `warn`',
    fields: [
      'scope',
      'session',
      'subject',
      'provider',
      'application',
      'actor',
      'reason',
      'outcome',
      'holders',
      'wanted',
      'clientAddress',
    ],
  },
  revocationViewReloaded: {
    when: 'All revocations have been read from the store, at the `start` or because what had happened since the last look could not be told otherwise (`gap`): the store was restarted, lost data, or another server has become the master.',
    level: '`info` at the start, else `warn`',
    fields: ['reason', 'entries'],
  },
  revocationsRestored: {
    when: 'The store has been given back revocations that it had lost.',
    level: '`warn`',
    fields: ['count'],
  },
  clockDisagrees: {
    when: 'The clock of this replica and that of the store are more than 2 s apart, or agree again. Until then the replica goes on by its monotonic clock.',
    level: '`error`, `info` when it is over',
    fields: ['byMs'],
  },
  staleRevocationsTrusted: {
    when: 'A check has believed a session that may have been revoked meanwhile: the store has not been heard for too long, and the configuration says `revocation.onStale: Allow`.',
    level: '`warn`',
    fields: ['application', 'session'],
  },
} as const
