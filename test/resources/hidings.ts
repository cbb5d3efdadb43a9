type Manifest = Record<string, unknown>
type Spec = { destinations?: unknown } & Record<string, unknown>

/** Ways to break an application so that what it protects cannot be read; what is no application is broken too. */
export const hidings: Readonly<Record<string, (object: Manifest) => unknown>> = {
  'a misspelt destinations': withSpec(({ destinations, ...rest }) => ({ ...rest, destinatons: destinations })),
  'destination, not destinations': withSpec(({ destinations, ...rest }) => ({
    ...rest,
    destination: Array.isArray(destinations) ? destinations[0] : {},
  })),
  'no destinations': withSpec(({ destinations, ...rest }) => ({ ...rest, surprise: destinations === undefined })),
  'an empty list of destinations': withSpec((spec) => ({ ...spec, destinations: [] })),
  'destinations as a number': withSpec((spec) => ({ ...spec, destinations: 5 })),
  'destinations beside spec': ({ spec, ...rest }) => ({ ...rest, ...(spec as object) }),
  'no spec': ({ spec: _, ...rest }) => rest,
  'spec as a list': ({ spec, ...rest }) => ({ ...rest, spec: [spec] }),
  'spec as a text': (object) => ({ ...object, spec: 'destinations' }),
  'a list around all': (object) => [object],
  'a host in a list': withDestinations(({ host, ...rest }) => ({ ...rest, host: [host] })),
  'hosts, not host': withDestinations(({ host, ...rest }) => ({ ...rest, hosts: [host] })),
  'Host, not host': withDestinations(({ host, ...rest }) => ({ ...rest, Host: host })),
  'Path, not path': withDestinations(({ path, ...rest }) => ({ ...rest, Path: path })),
  'an asterisk for a host': withDestinations((destination) => ({ ...destination, host: '*' })),
  'a placeholder for a host': withDestinations((destination) => ({ ...destination, host: '{{ .Values.host }}' })),
  'two hosts in one text': withDestinations(({ host, ...rest }) => ({ ...rest, host: `${host}, ${host}` })),
  'a number for a destination': withDestinations(() => 5),
  'a misspelt group': (object) => ({
    ...object,
    apiVersion: 'access.gatehouse.dv/v1alpha1',
    kind: String(object.kind).replace(/x+$/, ''),
  }),
  'a misspelt group, and no destinations': (object) => ({
    ...withSpec(({ destinations: _, ...rest }) => ({ ...rest, surprise: 1 }))(object),
    apiVersion: 'access.gatehouse.dv/v1alpha1',
    kind: String(object.kind).replace(/x+$/, ''),
  }),
  'a misspelt kind, and no destinations': (object) => ({
    ...withSpec(({ destinations: _, ...rest }) => ({ ...rest, surprise: 1 }))(object),
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: `${object.kind}x`,
  }),
  'another name, and no destinations': (object) => ({
    ...withSpec(({ destinations: _, ...rest }) => ({ ...rest, surprise: 1 }))(object),
    metadata: { name: 'renamed' },
  }),
}

function withSpec(change: (spec: Spec) => unknown): (object: Manifest) => Manifest {
  return (object) => ({ ...object, spec: change({ ...(object.spec as Spec | undefined) }) })
}

function withDestinations(change: (destination: Manifest) => unknown): (object: Manifest) => Manifest {
  return withSpec(({ destinations, ...rest }) => ({
    ...rest,
    destinations: Array.isArray(destinations) ? destinations.map((one) => change({ ...one })) : 5,
  }))
}
