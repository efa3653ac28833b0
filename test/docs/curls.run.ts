import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { curlsOf } from './support/curls.js';
import type { Script } from './support/curls.js';
import { documents } from './support/documents.js';
import { openPlace } from './support/place.js';
import type { Place } from './support/place.js';
import { runCurls } from './support/run-curls.js';

/**
 * What is wrong with the curls of a document: those that did not run, got no answer, were refused though
 * nothing in their section speaks of that status, or had a token in their arguments.
 */
async function faultsOf(scripts: readonly Script[], place: Place): Promise<string[]> {
  const { outcomes, printed } = await runCurls(scripts, place);
  const faults = scripts.flatMap(({ curls, refusals }) =>
    curls.flatMap((curl) => {
      const own = outcomes.filter(({ at }) => at === curl);
      if (own.length === 0) return [`${curl} did not run`];
      if (own.some(({ args }) => place.secrets.some((secret) => args.includes(secret)))) {
        return [`${curl} had a token in its arguments`];
      }
      return own
        .filter(({ status }) => status < 200 || (status >= 400 && !refusals.has(status)))
        .map(({ status, code }) => `${curl} was answered ${status} (exit code ${code})`);
    }),
  );
  return faults.length === 0 ? [] : [...faults, printed];
}

describe('the curls', () => {
  let place: Place;

  before(function () {
    if (spawnSync('jq', ['--version']).status === 0) return;
    console.error('SKIPPED test:docs, nothing of it was run: there is no jq, which documents use');
    this.skip();
  });

  beforeEach(async () => {
    place = await openPlace();
  });
  afterEach(() => place.stop());

  for (const document of documents()) {
    it(`of ${document} are answered as it says`, async () => {
      const { scripts } = curlsOf(await readFile(packageFile(document), 'utf8'));
      expect(await faultsOf(scripts, place)).to.deep.equal([]);
    });
  }

  const wrong: Record<string, [commands: string, fault: string]> = {
    'to a path that is not there': [
      'curl -s http://127.0.0.1:8000/v1/deployment',
      '3, curl 1 was answered 404 (exit code 0)',
    ],
    'without the token that it needs': [
      'curl -sf https://deployments.example.com/v1/deployments',
      '3, curl 1 was answered 401 (exit code 22)',
    ],
    'with a token in its arguments': [
      'curl -s https://deployments.example.com/v1/deployments -H "Authorization: Bearer $TOKEN"',
      '3, curl 1 had a token in its arguments',
    ],
    'to another host': [
      'curl -s https://api.example.org/',
      '3, curl 1 was answered 0 (exit code 7)',
    ],
    'that never runs': ['false && curl -s http://127.0.0.1:8000/docs', '3, curl 1 did not run'],
    'one of several': [
      'curl -s http://127.0.0.1:9090/ready && curl -s http://127.0.0.1:9090/redy',
      '3, curl 2 was answered 404 (exit code 0)',
    ],
  };
  for (const [what, [commands, fault]] of Object.entries(wrong)) {
    it(`would be noticed ${what}`, async () => {
      const { scripts } = curlsOf(`# Title\n\n\`\`\`sh\n${commands}\n\`\`\`\n`);
      expect((await faultsOf(scripts, place))[0]).to.equal(fault);
    });
  }

  it('may be refused where the section says so', async () => {
    const text = 'Answers 404:\n\n```sh\ncurl -s http://127.0.0.1:8000/v1/x\n```\n';
    expect(await faultsOf(curlsOf(text).scripts, place)).to.deep.equal([]);
  });

  it('of a step are not run with an expression that nobody knows', async () => {
    const text = '```yaml\nenv: { A: "${{ inputs.name }}" }\nsteps: [{ run: "curl $A" }]\n```\n';
    const run = faultsOf(curlsOf(text).scripts, place);
    await run.then(
      () => expect.fail('it ran'),
      (error: unknown) => {
        expect(String(error)).to.include('${{ inputs.name }}');
      },
    );
  });
});
