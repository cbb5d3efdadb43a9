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
  HostClaimed: 'Another namespace claimed the host, or one under the wildcard, first.',
  HostContested:
    'Two namespaces claim a host, or a host under the other’s wildcard. It is shut for both; in a cluster until the first claim is recorded.',
  DestinationTaken:
    'Two applications of the namespace have the same destination. In a cluster the older one has it; in files it is shut for both.',
  DestinationShut:
    'Another application on the host is not valid and its path cannot be read; what it may have been to protect is shut. In files alone.',
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
  ApplicationNotOwned:
    'An annotated object has the name of an AccessApplication that somebody else made. That one decides; the annotations do not.',
  ApplicationNotFound:
    'The annotation `application` names an AccessApplication that does not exist. Everybody is refused.',
  AnnotationInvalid:
    'An annotation of Gatehouse cannot be read, excludes another one, or is none that it knows. Nobody is let in until it is mended. Those that only qualify `policies` protect nothing without it.',
  AnnotationConflict:
    'An annotation that the proxy needs has a value of somebody else’s, or one that gets in the way of ours. It was left as it is.',
  AnnotationUnsafe: 'An annotation of somebody else’s makes the proxy skip the check, drop it or keep its answers.',
  ClassNotFound: 'An Ingress names no IngressClass that there is, so that Gatehouse cannot know which proxy serves it.',
  ClassAmbiguous: 'An Ingress may be of two IngressClasses, so that Gatehouse cannot know which proxy serves it.',
  ControllerUnknown:
    'The controller of the IngressClass is none that Gatehouse configures. The message says what to configure by hand.',
  HostMissing:
    'An Ingress or an HTTPRoute answers for every host, or for none that can be protected. An application is of certain hosts; on others everybody is refused.',
  HostNotSupported:
    'A host of an Ingress has not the form that a destination’s host must have. Everybody is refused there.',
  HostNotCovered:
    'An annotated object names an application that has no destination on a host of it. Everybody is refused there.',
  HostPublishedElsewhere:
    'Another Ingress publishes a protected host, or part of it, and its proxy does not ask Gatehouse about that.',
  PathNotSupported:
    'A path of an Ingress is one that two servers may read differently, and requests for it are refused whatever the policies say; or ingress-nginx asks nobody about it, and the app is shut.',
  TooManyDestinations:
    'An annotated object has more hosts and paths than the 64 that an application can have. Nobody is let in.',
  NameTooLong: 'Names are so long together that an object that the proxy needs cannot have a name. The app is shut.',
  FilterMissing:
    'Traefik serves an HTTPRoute, and rules of it do not begin with the filter that asks Gatehouse. Their requests reach the app without a check.',
  RouteNotAccepted:
    'A Gateway does not take the HTTPRoute that leads `/.gatehouse` of the application’s hosts to the portal. Nobody can sign in there.',
  LockdownIncomplete:
    'A NetworkPolicy that `spec.lockdown` asks for cannot be written, or does not hold what it was to hold; other pods may reach the app.',
} as const

export type ConditionReason = keyof typeof conditionReasons
