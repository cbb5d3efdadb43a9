/**
 * The law of imports: which room of `src/` may import which, and which package lives only where.
 * The same table stands in ARCHITECTURE.md; a test holds the two together.
 */
const rooms = {
  policy: [],
  pages: ['policy'],
  resources: ['policy', 'providers/settings'],
  observe: ['policy'],
  redis: ['policy', 'observe'],
  providers: ['policy', 'observe'],
  tokens: ['policy', 'observe'],
  revocation: ['policy', 'redis', 'observe'],
  sessions: ['policy', 'providers', 'tokens', 'revocation', 'redis', 'observe'],
  login: ['policy', 'pages', 'providers', 'sessions', 'tokens', 'revocation', 'redis', 'observe'],
  check: ['policy', 'pages', 'sessions', 'tokens', 'revocation', 'observe'],
  kubernetes: ['policy', 'resources', 'tokens', 'observe'],
  portal: ['policy', 'pages', 'login', 'sessions', 'tokens', 'revocation', 'observe'],
  admin: ['policy', 'sessions', 'revocation', 'observe'],
  config: [],
  cli: ['policy', 'resources', 'config', 'admin/messages'],
}

/** Packages that only the named rooms may import. */
const packages = {
  pino: ['observe'],
  'prom-client': ['observe'],
  ioredis: ['redis'],
  'openid-client': ['providers'],
  jose: ['tokens', 'providers'],
  express: ['portal'],
  '@kubernetes/client-node': ['kubernetes'],
}

/** Implementations: only their own index or `compose` chooses among them. */
const implementations = [
  { files: '^src/(sessions|login|revocation)/(lock-)?(memory|redis)\\.ts$', from: '^src/stores\\.ts$' },
  { files: '^src/check/dialects/(?!index|dialect)[^/]+\\.ts$', from: '^src/check/dialects/' },
  { files: '^src/policy/rules/(?!index)[^/]+\\.ts$', from: '^src/policy/rules/' },
  { files: '^src/providers/oidc\\.ts$', from: '^src/(providers/index|compose)\\.ts$' },
  { files: '^src/kubernetes/wiring/(ingress-nginx|traefik)\\.ts$', from: '^src/kubernetes/wiring/' },
]

const pure =
  '^src/(policy|pages|resources|providers/settings|kubernetes/wiring/|kubernetes/(hosts|network-policy|status)\\.ts$)'

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/main\\.ts$' },
      to: {},
    },
    {
      name: 'only-compose-and-main-know-everybody',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports-only-what-the-table-says`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: '^src/',
        pathNot: [`^src/${room}/`, '^src/[^/]+\\.ts$', ...allowed.map((other) => `^src/${other}[/.]`)],
      },
    })),
    ...Object.entries(packages).map(([name, homes]) => ({
      name: `${name}-lives-only-in-${homes.join('-and-')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: homes.map((home) => `^src/${home}/`) },
      to: { path: `node_modules/${name}/` },
    })),
    ...implementations.map(({ files, from }) => ({
      name: `implementations-are-chosen-in-one-place (${files})`,
      severity: 'error',
      from: { path: '^src/', pathNot: [from, files] },
      to: { path: files },
    })),
    {
      name: 'pure-rooms-do-no-io',
      severity: 'error',
      from: { path: pure, pathNot: '^src/resources/directory\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^node_modules/.*/node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
