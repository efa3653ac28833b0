import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { drainMs } from '../../src/service.js';
import { endMs } from '../../src/commands/start.js';
import { deploymentBody } from '../support/deployments.js';
import { logLines, Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { until } from '../support/until.js';

const body = JSON.stringify(deploymentBody());

/** Sends a request but for its body, and waits until the service is reading it. */
async function beginRequest(service: ServiceProcess): Promise<ClientRequest> {
  const begun = request(`${service.apiUrl}/v1/deployments`, {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      Expect: '100-continue',
    },
  });
  begun.flushHeaders();
  await once(begun, 'continue');
  begun.write(body.slice(0, 20));
  return begun;
}

async function answerTo(pending: ClientRequest): Promise<IncomingMessage & { text: string }> {
  const [answer] = (await once(pending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return Object.assign(answer, { text });
}

/** Waits until the service says that it is draining. */
async function drained(service: ServiceProcess): Promise<unknown> {
  const response = await until('it is draining', async () => {
    const answer = await fetch(`${service.managementUrl}/ready`);
    return answer.status === 503 && answer;
  });
  return response.json();
}

async function freePort(host: string): Promise<string> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

/** Whether the API's port takes a new connection. */
async function connects({ apiUrl }: ServiceProcess): Promise<boolean> {
  const { hostname, port } = new URL(apiUrl);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    expect(error).to.include({ code: 'ECONNREFUSED' });
    return false;
  } finally {
    socket.destroy();
  }
}

describe('the process, when it is told to stop,', () => {
  let processes: Processes;
  let service: ServiceProcess;
  beforeEach(async () => {
    processes = await Processes.create();
    service = await processes.start({ AUTH_ENABLED: 'false' });
  });
  afterEach(() => processes.dispose());

  /** Expects the process to end of itself, with its store closed. */
  async function expectStopped(code: number, finished: boolean): Promise<void> {
    const ended = await service.ended;
    expect(ended).to.include({ code, stderr: '' });
    const said = logLines(ended.stdout).filter(({ msg }) => String(msg).startsWith('stopped'));
    expect(said.map((line) => line['finished'])).to.deep.equal([finished]);
    // SQLite removes the write-ahead log when the last connection is closed.
    expect(await readdir(processes.folder)).to.deep.equal(['deployments.db']);
  }

  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${name}, answers what is running, takes nothing new and exits 0`, async () => {
      expect(await connects(service)).to.be.true;
      const running = await beginRequest(service);
      service.signal(name);
      expect(await drained(service)).to.deep.equal({ status: 'not ready', check: 'draining' });
      await until('nothing new is taken', async () => !(await connects(service)));
      expect((await fetch(`${service.managementUrl}/health`)).status).to.equal(200);

      running.end(body.slice(20));
      const answer = await answerTo(running);
      expect(answer.statusCode).to.equal(201);
      expect(JSON.parse(answer.text)).to.include({ name: 'checkout', status: 'scheduled' });
      await expectStopped(0, true);
    });
  }

  it('tells the client of a running request that its connection ends with the answer', async () => {
    const running = await beginRequest(service);
    service.signal('SIGTERM');
    await drained(service);
    running.end(body.slice(20));
    expect((await answerTo(running)).headers.connection).to.equal('close');
    await expectStopped(0, true);
  });

  it('cuts a request that never finishes, once draining has taken its time', async () => {
    const running = await beginRequest(service);
    const cut = once(running, 'response').then(
      () => 'answered',
      () => 'cut',
    );
    const told = performance.now();
    service.signal('SIGTERM');
    await expectStopped(0, false);
    expect(performance.now() - told).to.be.at.least(drainMs - 500);
    expect(await cut).to.equal('cut');
  });

  it('does not wait for connections that are kept alive', async () => {
    const agent = new Agent({ keepAlive: true });
    const answered = request(`${service.apiUrl}/openapi.json`, { agent }).end();
    expect((await answerTo(answered)).headers.connection).to.equal('keep-alive');
    const told = performance.now();
    service.signal('SIGTERM');
    await expectStopped(0, true);
    expect(performance.now() - told).to.be.below(drainMs);
  });

  it('does not wait for connections on which no request was sent', async () => {
    const { hostname, port } = new URL(service.apiUrl);
    const silent = connect(Number(port), hostname);
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    // Connections are taken in their order, so by then the service has that one.
    await fetch(`${service.apiUrl}/openapi.json`);
    const told = performance.now();
    service.signal('SIGTERM');
    await expectStopped(0, true);
    expect(performance.now() - told).to.be.below(drainMs);
  });

  it('and told so again in another way, still answers what is running and exits 0', async () => {
    const running = await beginRequest(service);
    service.signal('SIGTERM');
    await drained(service);
    service.signal('SIGINT');
    // By the time that it answers, it has that signal as well.
    await drained(service);
    running.end(body.slice(20));
    expect((await answerTo(running)).statusCode).to.equal(201);
    await expectStopped(0, true);
  });
});

describe('the process, told to stop as soon as it says that it listens,', () => {
  it('stops cleanly', async () => {
    const processes = await Processes.create();
    try {
      const { lines, signal, ended } = processes.run({});
      while (!lines.some((line) => line.includes('"msg":"listening"'))) await setImmediate();
      signal('SIGTERM');
      expect((await ended).code).to.equal(0);
    } finally {
      await processes.dispose();
    }
  });
});

describe('the process, told to stop while it still starts,', () => {
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${name}, ends at once and exits 0`, async () => {
      const processes = await Processes.create();
      // A Snowflake that takes the login and never answers.
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      try {
        const asked = once(silent, 'connection');
        const { ended, signal } = processes.run({
          SNOWFLAKE_ACCOUNT: 'acme',
          SNOWFLAKE_USER: 'service',
          SNOWFLAKE_PASSWORD: 'secret',
          SNOWFLAKE_ACCESS_URL: `http://127.0.0.1:${port}`,
        });
        const [socket] = (await asked) as [Socket];
        signal(name);
        const { code, stdout } = await ended;
        socket.destroy();
        // As process 1 of a container it would not even end by a signal that nobody takes.
        expect(code).to.equal(0);
        expect(logLines(stdout).map(({ msg }) => msg)).to.deep.equal([
          'stopped before it listened',
        ]);
      } finally {
        silent.close();
        await processes.dispose();
      }
    });
  }

  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  const preload = (name: string) =>
    `--import=${new URL(`../support/${name}`, import.meta.url).href}`;

  // While it prepares to listen it does not hear of signals, and hears of them afterwards.
  for (const [nth, what] of ['management', 'the API'].entries()) {
    it(`when it is about to listen for ${what}, ends and exits 0`, async () => {
      const { code, stderr } = await processes.run({
        NODE_OPTIONS: preload('signal-at-listen.mjs'),
        SIGNAL_AT_LISTEN: String(nth + 1),
      }).ended;
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    });
  }

  it('when it has not even been loaded, ends and exits 0', async () => {
    const { lines, signal, ended } = processes.run({
      NODE_OPTIONS: preload('loaded-modules/register.mjs'),
    });
    await until('it loads what it is made of', () =>
      lines.some((line) => line.endsWith('/.compiled/commands/start.js')),
    );
    signal('SIGTERM');
    const { code, stderr } = await ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });
});

describe('the process, while nobody reads its log,', () => {
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  /** More lines than a pipe holds, and than are held for a reader. */
  async function write(apiUrl: string, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += 50) {
      const calls = Array.from({ length: 50 }, () => fetch(`${apiUrl}/v1/deployments`));
      for (const { status } of await Promise.all(calls)) expect(status).to.equal(200);
    }
  }

  async function expectEnd({ signal, ended }: Pick<ServiceProcess, 'signal' | 'ended'>) {
    const told = performance.now();
    signal('SIGTERM');
    const { code, stderr } = await ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(performance.now() - told).to.be.below(endMs);
  }

  const open = { AUTH_ENABLED: 'false', RATE_LIMIT_PER_SECOND: '0' };

  it('whose reader is gone when it stops, ends in time', async () => {
    // Nobody has a connection, so it has stopped before its last lines are written.
    const { lines, stdout, ...service } = processes.run(open);
    await until('it listens', () => lines.some((line) => line.includes('"msg":"listening"')));
    stdout?.destroy();
    await expectEnd(service);
  });

  it('whose reader is gone while it works, serves and ends in time', async () => {
    const service = await processes.start(open);
    service.stdout?.destroy();
    await write(service.apiUrl, 50);
    await expectEnd(service);
  });

  it('whose reader is there and reads nothing, serves and ends in time', async () => {
    const service = await processes.start(open);
    service.stdout?.pause();
    await write(service.apiUrl, 1_000);
    const exited = service.exited.then(() => service.stdout?.resume());
    await expectEnd({ ...service, ended: exited.then(() => service.ended) });
  });

  it('on a disk that is full, serves and ends in time', async () => {
    // Of its own: asking a port again and again on which nobody listens yet may end in a connection to itself.
    const HOST = '127.7.7.7';
    const [API_PORT, MANAGEMENT_PORT] = [await freePort(HOST), await freePort(HOST)];
    const output = openSync('/dev/full', 'w');
    const full = processes.run({ ...open, HOST, API_PORT, MANAGEMENT_PORT }, undefined, [], output);
    closeSync(output);
    await until('it is ready', () =>
      fetch(`http://${HOST}:${MANAGEMENT_PORT}/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await write(`http://${HOST}:${API_PORT}`, 50);
    await expectEnd(full);
  });
});
