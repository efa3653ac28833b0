/**
 * Who may import whom: `npm run lint`. docs/ARCHITECTURE.md draws the picture.
 */
const edge = (library, file) => ({
  name: `one-place-for-${library.replace(/\W+/g, '-')}`,
  comment: `${library} is imported in one place, so that it can be understood and replaced there`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${file}` },
  to: { path: `node_modules/${library}/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-is-pure',
      comment: 'the domain knows the contract and itself, and does no I/O',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', '^generated/', '^(node:)?crypto$'] },
    },
    {
      name: 'operations-know-the-domain',
      comment: 'an operation is free of HTTP, SQL and settings',
      severity: 'error',
      from: { path: '^src/operations/' },
      to: {
        pathNot: ['^src/(operations|domain)/', '^src/clock', '^generated/', '^(node:)?crypto$'],
      },
    },
    {
      name: 'stores-implement-the-domain',
      severity: 'error',
      from: { path: '^src/store/' },
      to: { path: '^src/(api|auth|management|operations|settings)/' },
    },
    {
      name: 'nothing-imports-the-entry',
      severity: 'error',
      from: {},
      to: { path: '^src/(main|commands/db-)' },
    },
    edge('@photostructure/sqlite', 'store/sqlite/database'),
    edge('snowflake-sdk', 'store/snowflake/driver'),
    edge('prom-client', 'metrics'),
    edge('pino', 'logging'),
    edge('uuid', 'clock'),
    edge('zod', '(settings/|auth/pat/github|auth/oidc/keys)'),
    edge('jose', 'auth/oidc/'),
    edge('lru-cache', '(auth/pat/memberships|api/rate-limit)'),
    edge('helmet', 'security-headers'),
    edge('cors', 'api/cors'),
    edge('@opentelemetry', 'tracing/open-telemetry'),
    edge('express-openapi-validator', 'api/validation'),
    edge('openapi-backend', 'api/routing'),
    edge('express', '(api|management)/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.d.ts', '.js'],
    },
  },
};
