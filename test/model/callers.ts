/**
 * Callers of one organisation who use the same few `Idempotency-Key`s, beside a model: a key is its caller's, be
 * that a repository, whatever job of it calls, or a person.
 */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { AuthenticatedService, Sender } from '../support/authenticated-service.js';
import { send } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';

/** Who calls, each with whose keys those are. */
const owners = ['till', 'till', 'shop', 'mona', 'max'] as const;

function sendersOf({ issuer, gitHub }: AuthenticatedService): Sender[] {
  const job = (id: string, repository: string, workflow: string): Sender => ({
    token: issuer.sign({ repository_owner: 'acme', repository, repository_id: id, workflow }),
  });
  const person = (login: string): Sender => ({
    token: gitHub.addUser({ login, memberships: { acme: 'active' } }),
    organisation: 'acme',
  });
  return [
    job('1', 'acme/till', 'release'),
    // GitHub's ids stay when a repository is renamed.
    job('1', 'acme/renamed', 'nightly'),
    job('2', 'acme/shop', 'release'),
    person('mona'),
    person('max'),
  ];
}

const step = fc.record({
  by: fc.nat(owners.length - 1),
  key: fc.nat(1),
  version: fc.constantFrom('1', '2'),
});

/** Each response is that of the design, whoever has used a key before. */
export function keepsKeysApart(running: () => AuthenticatedService) {
  return fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
    const senders = sendersOf(running());
    const run = randomBytes(6).toString('hex');
    const remembered = new Map<string, { readonly version: string; readonly text: string }>();
    for (const { by, key, version } of steps) {
      const sender = senders[by] ?? { token: '' };
      const response = await send(running().service, sender, 'post')
        .set('Idempotency-Key', `${run}-${key}`)
        .send(deploymentBody({ version }));
      const name = `${owners[by] ?? ''} ${key}`;
      const first = remembered.get(name);
      if (first !== undefined && first.version !== version) {
        expect(response.status, response.text).to.equal(422);
        expect(response.text).to.include('idempotency-key-reused');
        continue;
      }
      expect(response.status, response.text).to.equal(201);
      const replayed = first === undefined ? undefined : 'true';
      expect(response.headers['idempotent-replayed']).to.equal(replayed);
      if (first === undefined) remembered.set(name, { version, text: response.text });
      else expect(response.text).to.equal(first.text);
    }
  });
}
