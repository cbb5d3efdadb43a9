/**
 * Why the admin API has refused a request. Like all reasons these are part of the public interface and never change their
 * meaning.
 */
export const adminReasons = {
  'admin-unauthenticated': 'The admin API was called without the credential that it asks for, or with a wrong one.',
  'admin-not-allowed': 'The client certificate is sound, but none of its names stands in `admin.tls.allowedNames`.',
  'admin-too-many-failures':
    'This address has tried wrong credentials too often, and this was another; it has to wait. The right ones get through.',
  'admin-token-unusable': 'The file of the admin API’s bearer token cannot be read or holds no usable token.',
  'admin-browser': 'The request was made by a page in a browser; the admin API is for programs.',
  'admin-no-such-operation': 'The admin API has nothing at this path.',
  'admin-wrong-method': 'The admin API has this path, but not with this method.',
  'admin-wrong-content-type': 'The body is not `application/json`, or is compressed.',
  'admin-too-large': 'The body is larger than 64 kB.',
  'admin-malformed': 'The request is no sound HTTP, or its body no sound JSON in UTF-8.',
  'admin-invalid': 'The request is readable, but a field is missing, unknown or not as it has to be.',
  'admin-unknown-session': 'There is no live session of this `sid`.',
} as const

export type AdminReason = keyof typeof adminReasons
