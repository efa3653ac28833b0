/** What is to be said of a setting that there was, by name. */
const retired: Readonly<Record<string, string>> = {
  OIDC_ALLOWED_ENVIRONMENTS_CLAIM:
    'is gone, since it bound nobody: any repository may name an environment of its own. Remove it, and ' +
    'say in a policy which repository may do what (docs/POLICIES.md), such as PUT ' +
    '/v1/policies/production {"scope":{"environment":"production"},"rules":[{"who":{"job":' +
    '{"repository":"acme/checkout","environment":"production"}},' +
    '"may":["register","start","report","rollback","cancel"]}]}',
};

/**
 * Faults of settings that are gone: a service that ignored one would be more open than its operator thinks.
 *
 * @param environment variables by name; an empty one, and `false`, ask for nothing
 */
export function retiredFaults(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(retired)
    .filter(([name]) => !['', 'false'].includes(environment[name] ?? ''))
    .map(([name, message]) => `${name} ${message}`);
}
