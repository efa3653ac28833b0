import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { hostileNames } from '../support/hostile-names.js';
import { readAction } from '../support/runner/action.js';
import { create, runJobs } from '../support/runner/job.js';

describe('the action', () => {
  const jobs = runJobs();
  const { running, use, get } = jobs;

  describe('has the runner hide', () => {
    const requestToken = () => jobs.tokens.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];

    it('the tokens of the job, before anything else is printed', async () => {
      const { commands } = await use({ command: 'list' });
      expect(commands).to.deep.equal(
        [requestToken(), jobs.tokens.given.at(-1)].map((data) => ({
          command: 'add-mask',
          properties: {},
          data,
        })),
      );
    });

    it('tokens of people, also when the step ends at once', async () => {
      const person = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
      const environment = { DEPLOYMENT_QUEUE_TOKEN: person, GITHUB_TOKEN: `a%0Ab\n${person}` };
      const { commands, log } = await use({ command: 'get', id: 'x' }, environment);
      const [error, ...masks] = [...commands].reverse();
      expect(error?.command).to.equal('error');
      expect(masks.reverse().map(({ command, data }) => [command, data])).to.deep.equal(
        [person, environment.GITHUB_TOKEN, requestToken()].map((data) => ['add-mask', data]),
      );
      expect(log).not.to.include(person);
    });
  });

  it('makes no command of the runner of what others have named', async () => {
    const [name = '', version = ''] = hostileNames;
    const { outputs } = await use({ ...create, name, version });
    const { deployment_id: id = '' } = outputs;
    for (const inputs of [
      { command: 'get', id },
      { command: 'wait', id, for: 'scheduled' },
    ]) {
      const { commands, log } = await use(inputs);
      expect(commands.map((one) => one.command)).to.deep.equal(['add-mask', 'add-mask']);
      expect(log).to.include('title=Deployed');
    }
  });

  describe('never takes an input for', () => {
    const marked = () => join(jobs.runner.workspace, 'touched');
    // Steps run in the workspace.
    const payloads = [
      '"; touch touched; "',
      "'; touch touched; '",
      '$(touch touched)',
      '`touch touched`',
      '}; touch touched; #',
      'x\ntouch touched\n',
    ];
    const freeText = [
      ...['name', 'version', 'environment', 'cloud-account-id', 'region', 'cell'],
      ...['commit-sha', 'description', 'notes', 'resource', 'pipeline-extra-params'],
      ...['build-uri', 'deployment-uri'],
    ];
    /** A URL has no spaces; a shell reads ${IFS} as one. */
    const fitting = (name: string, payload: string) =>
      name.endsWith('-uri')
        ? `https://example.com/${payload.replaceAll(/\s/g, '${IFS}')}`
        : payload;
    async function expectUntouched(): Promise<void> {
      const there = await access(marked()).then(
        () => true,
        () => false,
      );
      expect(there, 'a file was made').to.equal(false);
      expect(await readdir(jobs.runner.workspace)).to.deep.equal([]);
    }

    it('shell text: each is kept letter by letter', async () => {
      for (const shift of [0, 1]) {
        const text = (index: number) => payloads[(index + shift) % payloads.length] ?? '';
        const kept = freeText.map((name, index) => [name, fitting(name, text(index))] as const);
        const { code, log, outputs } = await use({ ...create, ...Object.fromEntries(kept) });
        expect(code, log).to.equal(0);
        const fields = kept.map(([name, value]) => [name.replaceAll('-', '_'), value]);
        expect(await get(outputs['deployment_id'])).to.include(Object.fromEntries(fields));
        await expectUntouched();
      }
    });

    it('shell text: all of them at once, whatever the command', async () => {
      const names = Object.keys((await readAction()).inputs);
      const [payload = ''] = payloads;
      const options = names.filter(
        (name) => !['report', 'job-status', 'run', 'start'].includes(name),
      );
      const everything = Object.fromEntries(options.map((name) => [name, payload]));
      for (const command of [payload, 'create', 'list']) {
        expect((await use({ ...everything, command })).code).to.equal(2);
        await expectUntouched();
      }
    });

    it('an option: nothing is sent elsewhere', async () => {
      const given = jobs.tokens.given.length;
      const elsewhere = '--url=http://127.0.0.1:9';
      expect((await use({ command: 'get', id: elsewhere })).code).to.equal(2);
      expect((await use({ command: elsewhere, id: 'list' })).code).to.equal(2);
      expect(jobs.tokens.given).to.have.length(given);
    });
  });
});
