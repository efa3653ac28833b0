import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { ask, openConnection } from '../support/connections.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { environment } from './support/environment.js';

describe('a request that is cut half-way', () => {
  let processes: Processes;
  let service: ServiceProcess;
  before(async () => {
    processes = await Processes.create();
    service = await processes.start(environment);
  });
  after(() => processes.dispose());

  function requestFor(organisation: string, version: string): string {
    const body = JSON.stringify(deploymentBody({ version }));
    return [
      'POST /v1/deployments HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      `X-Organisation: ${organisation}`,
      `Idempotency-Key: ${version}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  }

  async function versionsOf(organisation: string): Promise<string[]> {
    const headers = { 'X-Organisation': organisation };
    const outcome = await ask(`${service.apiUrl}/v1/deployments?limit=1000`, { headers });
    if ('error' in outcome) throw new Error(outcome.error);
    return (JSON.parse(outcome.body) as { version: string }[]).map(({ version }) => version);
  }

  const cuts: [how: string, organisation: string, cut: 'end' | 'resetAndDestroy'][] = [
    ['by the end of the stream', 'cut-by-end', 'end'],
    ['by a reset', 'cut-by-reset', 'resetAndDestroy'],
  ];
  for (const [how, organisation, cut] of cuts) {
    it(`${how}, after any of its bytes, does nothing at all`, async () => {
      const { length } = requestFor(organisation, 'v');
      const answers = new Map<string, number>();
      for (let bytes = 1; bytes < length; bytes += 1) {
        const { socket, closed } = await openConnection(service.apiUrl);
        const text = requestFor(organisation, 'v').slice(0, bytes);
        await new Promise((resolve) => socket.write(text, resolve));
        socket[cut]();
        const [line = ''] = (await closed).split('\r\n');
        const saw = line === '' ? 'nothing, as it had gone' : line;
        answers.set(saw, (answers.get(saw) ?? 0) + 1);
      }
      for (const [saw, count] of answers) console.log(`      ${count} × ${saw}`);
      expect([...answers.keys()]).to.deep.equal([
        cut === 'end' ? 'HTTP/1.1 400 Bad Request' : 'nothing, as it had gone',
      ]);
      expect(await versionsOf(organisation)).to.deep.equal([]);
    });
  }

  it('by a caller who sent all of it and did not wait is done once, and said again', async () => {
    const organisation = 'cut-answer';
    const count = 100;
    const replayed: (string | string[] | undefined)[] = [];
    for (let index = 0; index < count; index += 1) {
      const version = `v${index}`;
      const { socket, closed } = await openConnection(service.apiUrl);
      await new Promise((resolve) => socket.write(requestFor(organisation, version), resolve));
      socket.destroy();
      await closed;
      const outcome = await ask(`${service.apiUrl}/v1/deployments`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-Organisation': organisation,
          'Idempotency-Key': version,
        },
        body: JSON.stringify(deploymentBody({ version })),
      });
      expect(outcome).to.include({ status: 201 });
      if ('headers' in outcome) replayed.push(outcome.headers['idempotent-replayed']);
    }
    const again = replayed.filter((value) => value === 'true').length;
    console.log(`      ${count} × 201 to the repetition, ${again} of them the first answer again`);
    const versions = await versionsOf(organisation);
    expect(versions).to.have.length(count);
    expect(new Set(versions).size).to.equal(count);
    expect(again).to.be.above(0);
  });
});
