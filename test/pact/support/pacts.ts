import { copyFile, readFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MatchersV3, PactV4 } from '@pact-foundation/pact';
import { expect } from 'chai';

export const provider = 'deployment-queue-api';
export const consumers = ['checkout-pipeline', 'deployments-dashboard'] as const;
export type Consumer = (typeof consumers)[number];

/** The file of a consumer's pact, as it is kept. */
export function pactFile(consumer: Consumer): string {
  return fileURLToPath(new URL(`../pacts/${consumer}-${provider}.json`, import.meta.url));
}

/**
 * The pact of a consumer, which the tests of a suite make up. At the end the kept file must say the
 * same; with `WRITE_PACTS=true` it is written instead.
 */
export function makePact(consumer: Consumer): PactV4 {
  const folder = mkdtempSync(join(tmpdir(), 'deployment-queue-pact-'));
  after(async () => {
    const made = join(folder, `${consumer}-${provider}.json`);
    if (process.env['WRITE_PACTS'] === 'true') await copyFile(made, pactFile(consumer));
    const agreed = async (file: string) => {
      // The versions of the tools, which wrote the file, are no part of what was agreed.
      const pact = JSON.parse(await readFile(file, 'utf8')) as object;
      return { ...pact, metadata: undefined };
    };
    const hint = 'The kept pact is not current; WRITE_PACTS=true npm run test:pact writes it';
    expect(await agreed(pactFile(consumer)), hint).to.deep.equal(await agreed(made));
  });
  return new PactV4({ consumer, provider, dir: folder, logLevel: 'error' });
}

const { fromProviderState, like, regex } = MatchersV3;

export const someId = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
export const uuid = regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, someId);
export const instant = regex(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  '2026-01-05T09:30:00.000Z',
);
export const token = 'token';
/** The provider puts a token of its own in its place. */
export const authorization = { Authorization: regex(/^Bearer .+$/, `Bearer ${token}`) };
export const json = { 'Content-Type': 'application/json' };
export const jsonResponse = {
  'Content-Type': regex('^application/json(;.*)?$', 'application/json'),
};

/** The path of the deployment that the provider's state has made. */
export function pathOfDeployment(suffix = '') {
  return fromProviderState(`/v1/deployments/\${id}${suffix}`, `/v1/deployments/${someId}${suffix}`);
}

/** Problem details of a kind. */
export function problem(status: number, code: string) {
  return {
    type: `urn:problem-type:deployment-queue:${code}`,
    status,
    detail: like('What was wrong and what is allowed'),
  };
}
export const problemResponse = {
  'Content-Type': regex('^application/problem[+]json(;.*)?$', 'application/problem+json'),
};
