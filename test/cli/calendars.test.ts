import { expect } from 'chai';
import { commandLine, environmentOf, rowsOf } from '../support/command-line.js';
import { runGatedCommands } from '../support/gated-commands.js';

describe('deployment-queue', () => {
  const { running, run, at, json, freeze } = runGatedCommands();
  const create = (...argv: string[]) => run('calendar', 'create', ...argv);
  const urlOf = (stdout: string) => /^url +(.*)$/m.exec(stdout)?.[1] ?? '';

  describe('calendar create', () => {
    it('prints the whole URL at which a program reads what is frozen there', async () => {
      await freeze();
      await freeze('--environment=staging', '--reason=Load test');
      const created = await create('--environment=production');
      expect(created.code, created.stderr).to.equal(0);
      expect(created.stdout).to.match(/^scope +environment=production$/m);
      const [, id = ''] = /^id +(\S+)$/m.exec(created.stdout) ?? [];
      expect(created.stderr).to.equal(
        'Whoever has the URL may see when, where and why nothing is deployed; it is not shown again.\n' +
          `deployment-queue calendar delete ${id} ends it.\n`,
      );
      const url = urlOf(created.stdout);
      expect(url.startsWith(`${running.service.apiUrl}/`)).to.equal(true);
      const read = await fetch(url);
      expect(read.status).to.equal(200);
      const text = await read.text();
      expect(text).to.include('Holidays').and.not.include('Load test');
    });

    it('shows all places when it is told to, and wants to be told where', async () => {
      const everywhere = await create('--everywhere');
      expect(everywhere.stdout).to.match(/^scope +everywhere$/m);
      const nowhere = await create();
      expect(nowhere).to.include({ code: 2, stdout: '' });
      expect(nowhere.stderr).to.match(
        /name the places by --name, .* or all of them by --everywhere/,
      );
      expect((await create('--provider=ibm')).code).to.equal(2);
      expect((await run('calendars')).stdout.trimEnd().split('\n')).to.have.length(2);
    });

    it('prints what the API answered with --json', async () => {
      const { calendar, url } = await json('calendar', 'create', '--everywhere');
      expect(calendar).to.include.keys('id', 'scope', 'created_at');
      expect(url).to.match(/^\/freezes\.ics\?token=/);
    });

    it('keeps the URL whole at a terminal', async () => {
      const { stdout } = await at(80, 'calendar', 'create', '--everywhere');
      expect((await fetch(urlOf(stdout))).status).to.equal(200);
    });

    it('has the log of a job hide the token in it', async () => {
      const job = { GITHUB_ACTIONS: 'true', DEPLOYMENT_QUEUE_MASK_TOKENS: 'true' };
      const { stdout, stderr } = await commandLine(
        { ...environmentOf(running), ...job },
        ...['calendar', 'create', '--everywhere'],
      );
      const token = new URL(urlOf(stdout)).searchParams.get('token') ?? '';
      expect(token).not.to.equal('');
      expect(stderr).to.include(`::add-mask::${token}\n`);
    });
  });

  describe('calendars', () => {
    it('shows whose calendars there are, without their URLs', async () => {
      expect(await run('calendars')).to.deep.equal({
        ...{ code: 0, stdout: '', stderr: 'There are no calendars.\n' },
      });
      const { calendar, url } = await json('calendar', 'create', '--name=billing-*', '--no-cell');
      const { stdout } = await run('calendars');
      expect(rowsOf(stdout)[0]).to.include({ ID: calendar.id, WHERE: 'name=billing-*, cell=none' });
      expect(stdout).not.to.include(url).and.not.include('token');
      expect(await json('calendars')).to.deep.equal([calendar]);
      const narrow = (await at(80, 'calendars')).stdout.split('\n');
      expect(narrow[0]).to.match(/^ID +WHERE +.*AGE/);
      expect(narrow[1]).to.include(calendar.id.slice(-8)).and.include('billing-*, no cell');
    });
  });

  describe('calendar delete', () => {
    it('ends the URL of one, by a short id too, and of no other; the history tells', async () => {
      const first = await create('--environment=production');
      const second = await create('--everywhere');
      const [{ id } = { id: '' }] = (await json('calendars')) as { id: string }[];
      const deleted = await run('calendar', 'delete', id.slice(-8));
      expect(deleted).to.include({ code: 0, stderr: `The calendar ${id} is deleted.\n` });
      const [gone, kept] = await Promise.all(
        [first, second].map(async ({ stdout }) => (await fetch(urlOf(stdout))).status),
      );
      expect([gone, kept]).to.deep.equal([401, 200]);
      const history = rowsOf((await run('calendars', '--history')).stdout);
      expect(history.map(({ WHAT, ID }) => [WHAT, ID === id])).to.deep.equal([
        ['calendar.created', true],
        ['calendar.created', false],
        ['calendar.deleted', true],
      ]);
    });

    it('ends with 4 when there is no such calendar', async () => {
      const missing = '019b8d20-1c00-7f3a-9b41-5e6f70819203';
      expect((await run('calendar', 'delete', missing)).code).to.equal(4);
      const short = await run('calendar', 'delete', missing.slice(-8));
      expect(short.code).to.equal(4);
      expect(short.stderr).to.match(/no calendar has an id that ends in 70819203/);
      expect((await run('calendar', 'delete', 'x')).code).to.equal(2);
      expect((await run('calendars', '--history')).stderr).to.equal(
        'There never was a calendar.\n',
      );
    });
  });
});
