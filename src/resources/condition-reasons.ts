export const CONDITION_TYPES = {
  Accepted: 'The object is valid, and it may have what it claims.',
  ResolvedRefs: 'Everything that the object refers to is there and may be referred to.',
  Programmed: 'The object is in force.',
} as const

export type ConditionType = keyof typeof CONDITION_TYPES

/**
 * Every reason of a condition, with what it tells an author. Part of the public interface: a reason never changes its
 * meaning. The reference page is made of this list.
 */
export const conditionReasons = {
  Accepted: 'The object is valid.',
  Invalid: 'The object does not have the form that its kind asks for. It, and what refers to it, is shut.',
  Duplicate: 'Another object has the same kind, namespace and name. Neither of them counts.',
  AuthHost: 'A destination is the host of Gatehouse itself.',
  HostNotGranted: 'The configuration grants a host, or one under the wildcard, to another namespace.',
  HostContested: 'Two namespaces claim a host, or a host under the other’s wildcard. It is shut for both.',
  DestinationTaken: 'Two applications of the namespace have the same destination. It is shut for both.',
  DestinationShut:
    'Another application on the host is not valid and its path cannot be read; what it may have been to protect is shut.',
  MachineRuleMissing:
    'A ServiceAuth policy has no rule that a machine’s credential fulfils; this version knows none. The policy is broken.',
  IdentityRuleNotAllowed:
    'A Bypass or ServiceAuth policy has a rule that needs a signed-in person, or a group with such a rule or one that does not resolve. The policy is broken.',
  DevelopmentOnly: 'The issuer is an http address, which the development mode alone allows.',
  ResolvedRefs: 'Every reference leads somewhere.',
  NotEvaluated: 'The object is not valid, so its references have not been looked at.',
  NamespaceNotAllowed:
    'A reference names a namespace other than the system namespace. Leave the namespace out for an object of the same one.',
  PolicyNotFound: 'An AccessPolicy does not exist. The application is shut.',
  PolicyBroken: 'An AccessPolicy is not valid. The application is shut.',
  GroupNotFound: 'An AccessGroup does not exist. Rules that refer to it answer error, which never opens anything.',
  GroupBroken:
    'An AccessGroup is not valid, or refers to one that does not resolve. Rules that refer to it answer error.',
  GroupCycle: 'An AccessGroup refers to itself, perhaps through others. Rules that refer to it answer error.',
  GroupTooLarge:
    'An AccessGroup nests more than 16 deep or comes to more than 1,000 rules. Rules that refer to it answer error.',
  IdentityProviderNotFound: 'An IdentityProvider does not exist. The application is shut.',
  IdentityProviderNotReady: 'An IdentityProvider exists and cannot be offered now; the others still are.',
  SecretNotFound: 'The client secret does not exist or cannot be read. The IdentityProvider is not offered.',
  Programmed: 'The object is in force.',
  PartlyProgrammed: 'The application is in force for some of its destinations; the others are shut or not its own.',
  NotProgrammed: 'The object is not in force. An application is shut.',
} as const

export type ConditionReason = keyof typeof conditionReasons
