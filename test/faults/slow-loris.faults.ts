import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { ask, openConnection, tallyOutcomes } from '../support/connections.js';
import type { Outcome, RawConnection } from '../support/connections.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { environment } from './support/environment.js';

const attackers = 300;
const honest = 200;

describe('slow-loris', () => {
  let processes: Processes;
  let service: ServiceProcess;
  before(async () => {
    processes = await Processes.create();
    service = await processes.start({
      ...environment,
      HTTP_HEADERS_TIMEOUT_MS: '2000',
      HTTP_REQUEST_TIMEOUT_MS: '3000',
    });
  });
  after(() => processes.dispose());

  // Of another organisation, so that what it uses up of its rate is its own.
  const head = 'POST /v1/deployments HTTP/1.1\r\nHost: x\r\nX-Organisation: attacker\r\n';
  const ways: [what: string, begin: string, more: string][] = [
    ['headers that come a byte at a time', head, 'a'],
    [
      'bodies that come a byte at a time',
      `${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
      ' ',
    ],
    ['silence', '', ''],
  ];
  for (const [what, begin, more] of ways) {
    it(`by ${what}: ${attackers} connections get 408, everybody else their answer`, async () => {
      const honestOne = `honest-${begin.length}`;
      const slow: RawConnection[] = [];
      for (let count = 0; count < attackers; count += 1) {
        slow.push(await openConnection(service.apiUrl));
      }
      for (const { socket } of slow) socket.write(begin);
      const drip = setInterval(() => {
        for (const { socket } of slow) if (more !== '' && socket.writable) socket.write(more);
      }, 200);

      const outcomes: Outcome[] = [];
      const management: Outcome[] = [];
      for (let count = 0; count < honest; count += 1) {
        const body = JSON.stringify(deploymentBody({ version: `${what} ${count}` }));
        const headers = { 'Content-Type': 'application/json', 'X-Organisation': honestOne };
        outcomes.push(
          await ask(`${service.apiUrl}/v1/deployments`, { method: 'POST', headers, body }),
        );
        if (count % 10 === 0) management.push(await ask(`${service.managementUrl}/ready`));
      }
      const texts = await Promise.all(slow.map(({ closed }) => closed));
      clearInterval(drip);

      expect(tallyOutcomes(outcomes)).to.deep.equal({ 201: honest });
      expect(tallyOutcomes(management)).to.deep.equal({ 200: honest / 10 });
      const answers = texts.map((text) => text.split('\r\n')[0]);
      console.log(`      callers: ${honest} × 201; attackers: ${attackers} × ${answers[0]}`);
      expect(new Set(answers)).to.deep.equal(new Set(['HTTP/1.1 408 Request Timeout']));
      for (const text of texts) {
        expect(text).to.include('urn:problem-type:deployment-queue:request-timeout');
      }
    });
  }
});
