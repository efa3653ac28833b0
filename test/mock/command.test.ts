import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { compiled } from '../support/compiled.js';
import { listenOnLoopback } from '../support/loopback-server.js';

/** Runs the command until it has ended, or said where it listens and is then told to stop. */
async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const command = [compiled('src/commands/mock.ts'), ...args];
  const child = spawn(process.execPath, command, {
    env: {
      PATH: process.env['PATH'],
      NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
      ...environment,
    },
  });
  let stdout = '';
  let stderr = '';
  let docs: Promise<number> | undefined;
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const [, url] = /docs (http\S+)\n/.exec(stdout) ?? [];
    if (url === undefined || docs !== undefined) return;
    docs = fetch(url).then(({ status }) => {
      child.kill('SIGTERM');
      return status;
    });
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr, docs: await docs };
}

describe('npm run mock', () => {
  it('says where it listens, and stops when it is told to', async () => {
    const { code, stdout, stderr, docs } = await run(['--port', '0']);
    expect(stdout).to.match(/^Mock http:\/\/127\.0\.0\.1:\d+\/v1\/deployments · docs http/);
    expect({ code, stderr, docs }).to.deep.equal({ code: 0, stderr: '', docs: 200 });
  });

  it('takes its port from PORT', async () => {
    const { code, stderr, docs } = await run([], { PORT: '0' });
    expect({ code, stderr, docs }).to.deep.equal({ code: 0, stderr: '', docs: 200 });
  });

  it('explains itself, also to who calls it in a wrong way', async () => {
    const help = await run(['--help']);
    expect(help.code).to.equal(0);
    expect(help.stdout).to.include('--port PORT');
    const port = await run(['--port', '70000']);
    expect(port.code).to.equal(2);
    expect(port.stderr).to.match(
      /^The port must be a number from 0 to 65535, not "70000"\n\nUsage/,
    );
    const option = await run(['--prot', '1']);
    expect(option.code).to.equal(2);
    expect(option.stderr).to.match(/^Unknown option '--prot'/);
  });

  it('says so when the port is in use', async () => {
    const taken = await listenOnLoopback((_request, response) => void response.end());
    try {
      const { code, stderr } = await run(['--port', new URL(taken.url).port]);
      expect(code).to.equal(1);
      expect(stderr).to.match(/^Cannot listen: port \d+ on 127\.0\.0\.1 is in use; set --port\n$/);
    } finally {
      await taken.stop();
    }
  });
});
