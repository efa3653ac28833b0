import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { SignJWT } from 'jose';
import { authenticateAll } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import {
  PREFIXES,
  randomStatelessInstallationToken,
  randomToken,
} from '../support/github/github-tokens.js';
import { places } from '../support/token-places.js';
import type { Send } from '../support/token-places.js';
import { until } from '../support/until.js';

/** A short JWT with a real signature, which fits where an RSA one does not. */
function shortJwt(): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new SignJWT({ s: 1 }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
}

const post = (fields: Record<string, string>): Send => {
  return (api) => api.post('/v1/deployments').send({ ...deploymentBody(), ...fields });
};
/** Places where a token is taken for what it says, and so is answered. */
const stored: [where: string, send: Send, named: string[]][] = (
  ['name', 'version', 'environment', 'cloud_account_id', 'region', 'cell', 'notes'] as const
).map((field) => [
  `as the ${field} of a deployment`,
  (api, token) => post({ [field]: token.slice(0, 255) })(api, token),
  [field],
]);

describe('a real token', () => {
  const running = authenticateAll();
  let mona: string;
  before(() => {
    mona = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
  });

  const kinds: [kind: string, make: () => string | Promise<string>][] = [
    ['a signed OIDC token that is accepted', () => running.now.issuer.sign()],
    ['a signed JWT of an elliptic curve', shortJwt],
    ['a token of a user that is accepted', () => mona],
    ...(Object.keys(PREFIXES) as (keyof typeof PREFIXES)[]).map((kind): [string, () => string] => [
      `a GitHub token ${PREFIXES[kind]}…`,
      () => randomToken(kind),
    ]),
    ['a GitHub token ghr_…', () => randomToken('classic').replace('ghp_', 'ghr_')],
    ['an installation token with a JWT in it', randomStatelessInstallationToken],
  ];
  const everywhere = [
    ...places.map(([where, send, , named = []]) => [where, send, named] as const),
    ...stored,
  ];

  for (const [kind, make] of kinds) {
    it(`stays out of the log, the metrics and the answer wherever it is put: ${kind}`, async () => {
      const { service, issuer } = running.now;
      const token = await make();
      const caller = issuer.sign();
      for (const [where, send, named] of everywhere) {
        const request = send(service.api, token);
        // A token that is in Authorization is the caller's own.
        if (!where.includes('in Authorization')) request.set('Authorization', `Bearer ${caller}`);
        const response = await request;
        expect(response.status, where).to.be.below(500);
        const requestId = String(response.headers['x-request-id']);
        await until('the log has it', () =>
          service.logs.some((line) => line['requestId'] === requestId),
        );

        const members = Object.entries(response.body as object).filter(
          ([member]) => !named.includes(member),
        );
        const answer = JSON.stringify([members, response.headers]);
        expectNoToken(answer, token, `the answer to a token ${where}`);
      }
      expectNoToken(JSON.stringify(service.logs), token, 'the log');
      expectNoToken(JSON.stringify(service.logs), caller, 'the log');
      const { text } = await service.management.get('/metrics').expect(200);
      expectNoToken(text, token, 'the metrics');
      expectNoToken(text, caller, 'the metrics');
    });
  }
});

/** Neither the token nor a part of it that would be of use: a JWT's signature, half of any other. */
function expectNoToken(text: string, token: string, where: string): void {
  const parts = token.includes('.') ? token.split('.').slice(1) : [token.slice(0, 20)];
  for (const part of parts) {
    const secret = part.slice(0, 60).toLowerCase();
    if (text.toLowerCase().includes(secret)) {
      const at = text.toLowerCase().indexOf(secret);
      throw new Error(
        `There is a token in ${where}: …${text.slice(Math.max(0, at - 120), at + 20)}`,
      );
    }
  }
  expect(parts).not.to.be.empty;
}
