import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import type { LoopbackServer } from '../support/loopback-server.js';
import { Person } from '../support/person.js';
import { settle } from '../support/walkthrough.js';
import { shownDeployments, shownPosition } from './support/shown-deployments.js';
import { shownGates } from './support/shown-gates.js';

/** A command, and what a terminal of a width shows then. */
interface Shown {
  readonly columns: number;
  readonly command: string;
  readonly screen: string;
}

/** What docs/TERMINAL.md shows: a heading with the width, and blocks with a command and its screen. */
function shownIn(text: string): Shown[] {
  return text.split(/^## /m).flatMap((part) => {
    const [, columns] = /^(\d+) columns\n/.exec(part) ?? [];
    return [...part.matchAll(/^```text\n\$ (.*)\n([^]*?)^```$/gm)].map(
      ([, command = '', screen = '']) => ({ columns: Number(columns), command, screen }),
    );
  });
}

describe('docs/TERMINAL.md', () => {
  let service: LoopbackServer;
  let person: Person;
  /** Ends what was started, which is nothing where all of it is skipped. */
  const ends: (() => Promise<void>)[] = [];
  before(async function () {
    // As util-linux has it: it runs a command in a terminal of its own.
    if (!String(spawnSync('script', ['--version']).stdout).includes('util-linux')) {
      console.log('      SKIPPED: there is no script(1) of util-linux');
      this.skip();
    }
    person = await Person.create();
    const now = Date.now();
    const all = shownDeployments(now);
    const gates = shownGates(now);
    service = await listenOnLoopback((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
      const [, , collection = '', id, part] = pathname.split('/');
      const wanted = searchParams.getAll('status');
      const one = all.find((deployment) => deployment.id === id);
      const some = all.filter(({ status }) => wanted.length === 0 || wanted.includes(status));
      const checked = { action: 'read', detail: 'octocat, a member, may read' };
      response.writeHead(200, { 'content-type': 'application/json', etag: '"3-mk9m2qxc"' });
      const deployments = part === 'queue' ? shownPosition(now) : (one ?? some);
      const found = collection === 'deployments' ? deployments : (gates[collection] ?? []);
      response.end(JSON.stringify(request.method === 'POST' ? checked : found));
    });
    ends.push(
      () => service.stop(),
      () => person.remove(),
    );
  });
  after(async () => {
    for (const end of ends) await end();
  });

  /** What a terminal shows: whole lines, as a reader sees them. */
  async function screenOf({ columns, command }: Omit<Shown, 'screen'>): Promise<string> {
    const inTerminal = `stty rows 50 cols ${columns}; ${command}`;
    const environment = { DEPLOYMENT_QUEUE_URL: service.url, TERM: 'xterm-256color', TZ: 'UTC' };
    const argv = ['--quiet', '--return', '--command', inTerminal, '/dev/null'];
    const { code, stdout, stderr } = await person.run(environment, argv, '', 'script');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    // A terminal is told of the ends of lines by both characters.
    return stdout.replaceAll('\r\n', '\n');
  }

  it('shows what a real terminal shows, at 80, 120 and 200 columns', async () => {
    const shown = shownIn(await readFile(packageFile('docs/TERMINAL.md'), 'utf8'));
    expect(new Set(shown.map(({ columns }) => columns))).to.deep.equal(new Set([80, 120, 200]));
    for (const { columns, command, screen } of shown) {
      const printed = stripVTControlCharacters(await screenOf({ columns, command }));
      expect(settle(printed), `${command}, at ${columns}`).to.equal(settle(screen));
      const longest = Math.max(...printed.split('\n').map((line) => line.length));
      expect(longest).to.be.at.most(columns);
    }
  });

  it('has colours there', async () => {
    const screen = await screenOf({ columns: 80, command: 'deployment-queue list' });
    expect(screen).to.include('\u001b[32mdeployed\u001b[39m');
    const plain = await screenOf({ columns: 80, command: 'NO_COLOR=1 deployment-queue list' });
    expect(plain).to.equal(stripVTControlCharacters(plain));
  });

  it('asks for a token without showing it', async () => {
    const secret = 'never-shown-on-a-screen';
    const environment = {
      DEPLOYMENT_QUEUE_URL: service.url,
      DEPLOYMENT_QUEUE_ORGANISATION: 'acme',
      TERM: 'xterm-256color',
    };
    const argv = ['--quiet', '--return', '--command', 'deployment-queue login', '/dev/null'];
    const { stdout } = await person.run(
      environment,
      argv,
      { to: 'GitHub token (not shown): ', text: `${secret}\n` },
      'script',
    );
    expect(stdout).to.include('GitHub token (not shown): ').and.not.include(secret);
    expect(JSON.parse(await readFile(person.config, 'utf8'))).to.include({ token: secret });
  });
});
