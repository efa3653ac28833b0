import { expect } from 'chai';
import stringWidth from 'string-width';
import { age } from '../../src/cli/age.js';
import {
  allCommands,
  commandLine,
  commandLineAt,
  environmentOf,
  rowsOf,
} from '../support/command-line.js';
import { startGateway } from '../support/gateway.js';
import { runService } from '../support/http.js';

const short = (id: string) => id.slice(-8);
const everywhere = {
  region: 'europe-west1',
  cell: 'cell-1',
  cloud_account_id: 'acme-production',
};

describe('deployment-queue at a terminal', () => {
  const running = runService();
  const plain = (): Record<string, string> => ({ ...environmentOf(running), NO_COLOR: '1' });
  const at = (columns: number, ...argv: string[]) => commandLineAt(columns, plain(), ...argv);

  for (const columns of [30, 40, 80, 120, 200]) {
    it(`has no line of a table that is wider than ${columns} columns`, async () => {
      const long = { name: 'a-component-with-a-long-name'.repeat(3), ...everywhere };
      const { id } = await running.tenant.create({ ...long, version: '1.4.0' }, 'deployed');
      await running.tenant.create({ name: '検索サービス'.repeat(20), version: '👩‍💻'.repeat(40) });
      await running.tenant.move(id, 'failed');
      for (const argv of [['list'], ['status'], ['events', id], ['lineage', id]]) {
        const { code, stdout } = await at(columns, ...argv);
        expect(code).to.equal(0);
        for (const line of stdout.split('\n')) {
          expect(stringWidth(line), line).to.be.at.most(columns);
        }
      }
    });
  }

  it('shows short ids, ages, and how many columns there was no room for', async () => {
    const { id } = await running.tenant.create(everywhere);
    const { stdout, stderr } = await at(80, 'list');
    const [row] = rowsOf(stdout);
    expect(row).to.include({ ID: short(id), STATUS: 'scheduled', NAME: 'checkout' });
    expect(row?.['AGE']).to.match(/^\d+s$/);
    expect(stderr).to.match(/^Not shown: .*TRIGGER; --wide shows all\.\n$/);
    const broad = await at(200, 'list');
    expect(broad.stderr).to.equal('');
    expect(rowsOf(broad.stdout)[0]).to.include({ REGION: 'europe-west1', TRIGGER: 'auto' });
  });

  it('cuts what is too long off, and says so by an ellipsis', async () => {
    await running.tenant.create({ ...everywhere, name: 'n'.repeat(200) });
    const { stdout } = await at(80, 'list');
    expect(rowsOf(stdout)[0]?.['NAME']).to.match(/^n{8,}…$/);
  });

  it('shows everything whole with --wide, and where no terminal is', async () => {
    const deployment = await running.tenant.create({ ...everywhere, name: 'n'.repeat(200) });
    const { stdout } = await at(80, 'list', '--wide');
    expect(rowsOf(stdout)[0]).to.include({
      ID: deployment.id,
      CREATED: deployment.created_at,
      NAME: deployment.name,
      TRIGGER: 'auto',
    });
    expect(await commandLine(environmentOf(running), 'list')).to.include({ stdout, stderr: '' });
  });

  it('wraps the fields of a deployment by words, and leaves addresses whole', async () => {
    const deployment_uri = `https://example.com/${'long/'.repeat(30)}`;
    const notes = 'Watch the totals of the basket. '.repeat(8).trim();
    const { id } = await running.tenant.create({ notes, deployment_uri });
    const { stdout } = await at(80, 'get', id);
    expect(stdout).to.include(deployment_uri);
    const shown = /^notes +(.*?)^\w/ms.exec(stdout)?.[1] ?? '';
    expect(shown.replaceAll(/\s+/g, ' ').trim()).to.equal(notes);
    expect(shown.split('\n')).to.have.length.greaterThan(3);
    expect(stdout.split('\n').filter((line) => line.length > 80)).to.have.length(1);
    expect(stdout).to.match(/^created_at +\S+Z \(\d+s ago\)$/m);
  });

  describe('takes short ids', () => {
    it('in every command that takes an id', async () => {
      const { id } = await running.tenant.create({ version: '1' }, 'deployed');
      const next = await running.tenant.create({ version: '2' });
      const run = async (...argv: string[]) => {
        const { code, stdout } = await commandLine(plain(), ...argv, '--json');
        expect(code).to.equal(0);
        return JSON.parse(stdout);
      };
      expect(await run('get', short(id))).to.include({ id });
      expect(await run('get', short(id).toUpperCase())).to.include({ id });
      expect(await run('events', short(id))).to.have.length.greaterThan(0);
      expect((await run('lineage', short(id))).deployment).to.include({ id });
      expect(await run('wait', short(id))).to.include({ id });
      expect(await run('release', short(next.id))).to.include({ id: next.id });
      expect(await run('update-status', short(next.id), 'deployed')).to.include({ id: next.id });
      expect(await run('rollback', short(next.id))).to.include({
        rollback_from_deployment_id: next.id,
      });
    });

    it('and each looks one up, whatever it is of', async () => {
      const more: Record<string, readonly string[]> = {
        'update-status': ['deployed'],
        cancel: ['--yes'],
        run: ['--', 'true'],
      };
      const taking: string[] = [];
      for (const command of await allCommands()) {
        const words = command.split(' ');
        const { stdout } = await commandLine({}, ...words, '--help');
        const isOption = /^ {2}--id </m.test(stdout);
        if (!isOption && !/^Usage: .*[<[]id[>\]]/m.test(stdout)) continue;
        taking.push(command);
        const argv = [...words, isOption ? '--id=00000000' : '00000000', ...(more[command] ?? [])];
        const { code, stderr } = await commandLine(plain(), ...argv);
        expect(code, `${command}: ${stderr}`).to.equal(4);
        expect(stderr).to.match(/no (deployment|lock|freeze|calendar) has an id that ends in 0{8}/);
      }
      expect(taking).to.include.members(['get', 'run', 'unlock', 'calendar delete', 'open']);
    });

    it('and finds one on a later page', async () => {
      const wanted = await running.tenant.create();
      await running.tenant.create();
      const { DEPLOYMENT_QUEUE_URL: url = '', ...environment } = plain();
      const first = await fetch(`${url}/v1/deployments?limit=1`, {
        headers: { 'X-Organisation': running.tenant.organisation },
      });
      const gateway = await startGateway(url);
      try {
        const headers = {
          'content-type': 'application/json',
          link: first.headers.get('link') ?? '',
        };
        const body = await first.text();
        gateway.before.set({ kind: 'answer', status: 200, headers, body }, { times: 1 });
        const argv = ['get', short(wanted.id), '--json', '--url', gateway.url];
        const { stdout } = await commandLine(environment, ...argv);
        expect(JSON.parse(stdout)).to.include({ id: wanted.id });
      } finally {
        await gateway.stop();
      }
    });

    it('and ends with 4 when there is none', async () => {
      const { code, stderr } = await at(80, 'get', '00000000');
      expect(code).to.equal(4);
      expect(stderr).to.match(/no deployment has an id that ends in 00000000\n$/);
    });

    it('and ends with 5 when there are several, naming them, having changed nothing', async () => {
      const { DEPLOYMENT_QUEUE_URL: url = '', ...environment } = plain();
      const one = await running.tenant.create();
      const other = { ...one, id: one.id.replace(/^......../, '00000000') };
      const gateway = await startGateway(url);
      try {
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify([one, other]);
        gateway.before.set({ kind: 'answer', status: 200, headers, body });
        const argv = ['update-status', short(one.id), 'deployed', '--url', gateway.url];
        const { code, stderr } = await commandLine(environment, ...argv);
        expect(code).to.equal(5);
        expect(stderr).to.include(one.id).and.include(other.id);
        expect(gateway.seen.map(({ method }) => method)).to.deep.equal(['GET']);
      } finally {
        await gateway.stop();
      }
    });

    it('and none that could be anything', async () => {
      for (const id of ['1234567', '123456789', 'abcdefgh']) {
        const { code, stderr } = await at(80, 'get', id);
        expect(code).to.equal(2);
        expect(stderr).to.match(/UUID.* or its last eight characters/);
      }
    });
  });

  describe('has colours', () => {
    const colours = async (environment: Record<string, string>, terminal = true) => {
      await running.tenant.create({}, 'deployed');
      const all = { ...environmentOf(running), ...environment };
      const { stdout } = await (terminal
        ? commandLineAt(80, all, 'list')
        : commandLine(all, 'list'));
      return stdout.includes('\u001b[32mdeployed\u001b[39m');
    };

    it('at a terminal, unless NO_COLOR says otherwise', async () => {
      expect(await colours({})).to.equal(true);
      expect(await colours({ NO_COLOR: '' })).to.equal(true);
      expect(await colours({ NO_COLOR: '1' })).to.equal(false);
      expect(await colours({ FORCE_COLOR: '0' })).to.equal(false);
    });

    it('elsewhere only when FORCE_COLOR says so', async () => {
      expect(await colours({}, false)).to.equal(false);
      expect(await colours({ FORCE_COLOR: '1' }, false)).to.equal(true);
      expect(await colours({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).to.equal(false);
    });
  });

  describe('shows help', () => {
    for (const columns of [80, 120]) {
      it(`of every command within ${columns} columns, but for examples and long terms`, async () => {
        const all = (await allCommands()).map((command) => command.split(' '));
        expect(all.map(([name]) => name)).to.include.members(['list', 'login', 'completion']);
        for (const words of [[], ...all]) {
          const { code, stdout } = await at(columns, ...words, '--help');
          expect(code).to.equal(0);
          const [described = ''] = stdout.split('\nExamples:');
          const wide = described.split('\n').filter((line) => line.length > columns);
          expect(wide, words.join(' ')).to.deep.equal([]);
          for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(120);
        }
      });
    }
  });
});

describe('an age', () => {
  const now = Date.parse('2026-01-05T12:00:00Z');
  for (const [instant, text] of [
    ['2026-01-05T12:00:00.000Z', '0s'],
    ['2026-01-05T11:59:01.000Z', '59s'],
    ['2026-01-05T11:59:00.000Z', '1m'],
    ['2026-01-05T11:00:01.000Z', '59m'],
    ['2026-01-05T11:00:00.000Z', '1h'],
    ['2026-01-04T12:00:01.000Z', '23h'],
    ['2026-01-04T12:00:00.000Z', '1d'],
    ['2025-01-06T12:00:00.000Z', '364d'],
    ['2025-01-05T12:00:00.000Z', '1y'],
    // Clocks differ.
    ['2026-01-05T12:00:09.000Z', '0s'],
    ['not an instant', 'not an instant'],
  ] as const) {
    it(`of ${instant} is ${text}`, () => {
      expect(age(instant, now)).to.equal(text);
    });
  }
});
