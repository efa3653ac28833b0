import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { runProgram } from '../support/run-program.js';
import { installInEmptyFolder, report, root, run } from './support/consumer.js';
import type { Consumer } from './support/consumer.js';

describe('the package of the service, packed and installed in an empty folder', () => {
  let consumer: Consumer;
  before(async function () {
    // npm may have to fetch what the package depends on.
    this.timeout(300_000);
    consumer = await installInEmptyFolder(async (folder) => {
      // `prepack` builds; its output comes first.
      const flags = ['pack', '--silent', '--pack-destination', folder];
      const { stdout } = await run('npm', flags, { cwd: root });
      return join(folder, stdout.trim().split('\n').at(-1) ?? '');
    });
    report('deployment-queue-api', consumer);
  });
  after(() => consumer.remove());

  it('gives the contract, and nothing of the inside', async () => {
    const code = `
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      console.log(readFileSync(fileURLToPath(import.meta.resolve('deployment-queue-api/openapi.yaml')), 'utf8').split('\\n', 1)[0]);
      await import('deployment-queue-api').catch(({ code }) => console.log(code));
      await import('deployment-queue-api/dist/main.js').catch(({ code }) => console.log(code));`;
    const flags = ['--input-type=module', '--eval', code];
    const outcome = await runProgram(flags, {}, consumer.folder);
    expect(outcome.stdout.split('\n')).to.deep.equal([
      'openapi: 3.1.0',
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      '',
    ]);
  });

  it('puts the mock on the path', async () => {
    const program = join(consumer.folder, 'node_modules/.bin/deployment-queue-mock');
    const { stdout } = await run(program, ['--help']);
    expect(stdout).to.match(/^usage: /i);
  });

  it('puts deployment-queue-api on the path, which serves', async () => {
    const service = spawn(
      join(consumer.folder, 'node_modules/.bin/deployment-queue-api'),
      ['serve'],
      {
        cwd: consumer.folder,
        env: {
          PATH: process.env['PATH'],
          AUTH_ENABLED: 'false',
          API_PORT: '0',
          MANAGEMENT_PORT: '0',
        },
      },
    );
    const ended = once(service, 'exit');
    let printed = '';
    for await (const chunk of service.stdout) {
      printed += String(chunk);
      const [, api] = /"api":"([^"]+)".*\n/.exec(printed) ?? [];
      if (api === undefined) continue;
      expect((await fetch(`${api}/v1/deployments`)).status).to.equal(200);
      service.kill('SIGTERM');
      break;
    }
    expect(await ended, printed).to.deep.equal([0, null]);
  });
});
