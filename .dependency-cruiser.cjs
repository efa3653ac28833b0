/**
 * Who may import whom: `npm run lint`. docs/ARCHITECTURE.md draws the picture.
 */
const edge = (library, file) => ({
  name: `one-place-for-${library.replace(/\W+/g, '-')}`,
  comment: `${library} is imported in one place, so that it can be understood and replaced there`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${file})` },
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
      to: {
        pathNot: [
          '^src/domain/',
          '^generated/',
          '^(node:)?crypto$',
          // Arithmetic, and the zones that Node has in memory.
          'node_modules/temporal-polyfill/',
        ],
      },
    },
    {
      name: 'operations-know-the-domain',
      comment: 'an operation is free of HTTP, SQL and settings',
      severity: 'error',
      from: { path: '^src/operations/' },
      to: {
        pathNot: [
          '^src/(operations|domain)/',
          '^src/store/store',
          '^src/platform/clock',
          '^generated/',
          '^(node:)?crypto$',
        ],
      },
    },
    {
      name: 'stores-implement-the-domain',
      severity: 'error',
      from: { path: '^src/store/', pathNot: '^src/store/open' },
      to: { path: '^src/(http|web|auth|management|operations|settings)/' },
    },
    {
      name: 'metrics-are-put-together-in-one-place',
      comment: 'whoever is counted says what there is to tell, and knows nothing of the metrics',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/metrics/' },
      to: { path: '^src/metrics/', pathNot: '^src/metrics/metrics' },
    },
    {
      name: 'nothing-imports-the-entry',
      severity: 'error',
      from: { pathNot: '^src/(main|commands/deployment-queue-api)' },
      to: { path: '^src/(main|cli/main|action/(main|renewer|post)|commands/(db-|mock|serve))' },
    },
    {
      name: 'client-stands-alone',
      comment:
        'what consumers import runs in browsers, too: it knows the contract, no library but one that reads ' +
        'streams, nothing of Node, and of the service only what loopback is and how a proxy is gone through',
      severity: 'error',
      from: { path: '^src/client/' },
      to: {
        pathNot: [
          '^src/client/',
          '^generated/',
          '^src/platform/(loopback-url|proxied-fetch)',
          'node_modules/eventsource-parser/',
        ],
      },
    },
    {
      name: 'only-the-command-line-and-the-board-use-the-client',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(client|cli|action|board)/' },
      to: { path: '^(src/client/|generated/client)' },
    },
    {
      name: 'board-stands-on-the-client',
      comment:
        'what runs in a browser knows the API, and of the service behind it which places a scope has',
      severity: 'error',
      from: { path: '^src/board/' },
      to: {
        pathNot: [
          '^src/(board|client)/',
          '^src/domain/scopes/(glob|scope)',
          '^generated/',
          'node_modules/preact/',
        ],
      },
    },
    {
      name: 'state-of-the-board-is-pure',
      comment: 'what the board shows is a function of what it was told: no I/O, no components',
      severity: 'error',
      from: { path: '^src/board/state/' },
      to: {
        pathNot: [
          '^src/board/state/',
          '^src/client/contract',
          '^src/domain/scopes/(glob|scope)',
          '^generated/',
        ],
      },
    },
    {
      name: 'nothing-imports-the-board',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/board/' },
      to: { path: '^src/board/' },
    },
    {
      name: 'command-line-stands-beside-the-service',
      comment:
        'what runs in a pipeline is bundled for the action, and small: of the service, only single ' +
        'functions that need Node alone',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: '^src/|node_modules/',
        pathNot: [
          '^src/(cli|client)/',
          '^src/platform/(package-file|loopback-url|proxied-fetch|token-formats)',
          'node_modules/(commander|cliui|string-width|picocolors|open|read|@octokit|@types)/',
        ],
      },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|action)/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'action-stands-on-the-command-line',
      comment: 'what runs in a job is the command line, and what GitHub has for actions around it',
      severity: 'error',
      from: { path: '^src/action/' },
      to: {
        path: '^src/|node_modules/',
        pathNot: ['^src/(action|cli|client)/', 'node_modules/(commander|@types)/'],
      },
    },
    edge('preact', 'board/'),
    edge('commander', '(cli|action)/'),
    edge('(cliui|string-width)', 'cli/table'),
    edge('picocolors', 'cli/view'),
    edge('open', 'cli/browser'),
    edge('read', 'cli/prompt'),
    edge('@octokit', 'cli/github-login'),
    edge('@photostructure/sqlite', 'store/sqlite/(database|reader-worker|log-worker)'),
    edge('snowflake-sdk', 'store/snowflake/driver'),
    edge('pg', 'store/postgres/driver'),
    edge('prom-client', 'metrics'),
    edge('pino', 'platform/logging'),
    edge('uuid', 'platform/clock'),
    edge('temporal-polyfill', 'domain/freezes/zone'),
    edge('zod', '(settings/|auth/pat/github|auth/oidc/keys|auth/session/)'),
    edge('jose', 'auth/(oidc/|session/sealed)'),
    edge('oauth4webapi', 'auth/session/web-flow'),
    edge('cookie', 'auth/session/cookies'),
    edge(
      'lru-cache',
      '(auth/|http/rate-limit|store/sqlite/row-cache|store/controls-cache|store/snowflake/taxonomy-keys)',
    ),
    edge('ipaddr.js', 'auth/failure-limit'),
    edge('undici', 'platform/proxy-agent'),
    edge('helmet', 'http/security-headers'),
    edge('cors', 'http/cors'),
    edge('@opentelemetry', 'tracing/open-telemetry'),
    edge('express-openapi-validator', 'http/validation'),
    edge('openapi-backend', 'http/handlers'),
    edge('express', '(http|web|management)/|mock/respond'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.d.ts', '.js'],
    },
  },
};
