/**
 * Starts the service for a newcomer: embedded store, authentication off, loopback only, whatever
 * the environment says otherwise.
 */
Object.assign(process.env, {
  STORE: 'sqlite',
  AUTH_ENABLED: 'false',
  DEMO: 'false',
  HOST: '127.0.0.1',
  MANAGEMENT_HOST: '127.0.0.1',
});
await import('../src/main.js');
