import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { Option } from 'commander';
import { writeConfig } from '../config.js';
import { connection, serviceOf } from '../connection.js';
import { variable } from '../environment.js';
import { UsageError } from '../failure.js';
import { printable } from '../printable.js';
import { ask } from '../prompt.js';
import type { Session } from '../session.js';

const otherwise = {
  url: 'where is the service? Use --url, or set DEPLOYMENT_QUEUE_URL',
  organisation: 'for which organisation? Use --organisation, or set DEPLOYMENT_QUEUE_ORGANISATION',
  token:
    'there is no token: log in to gh (gh auth login), name an OAuth app by --client-id, or hand one over with --with-token',
};

interface LoginFlags {
  readonly clientId?: string;
  readonly withToken?: true;
}

/** `login`: writes down where the service is, and a token for it. */
export function addLogin(program: Command, session: Session): void {
  const command = program
    .command('login')
    .summary('write down where the service is, and a GitHub token for it')
    .description(
      'Writes down where the service is, your organisation and a GitHub token, after the service has accepted it. The token is got in the browser (--client-id), else it is that of gh, else you are asked for one. The file is for your eyes only.',
    )
    .addOption(
      new Option(
        '--client-id <id>',
        'the OAuth app to log in with, in the browser [DEPLOYMENT_QUEUE_CLIENT_ID]',
      ).conflicts('withToken'),
    )
    .addOption(new Option('--with-token', 'read the token from the standard input'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue login --url https://queue.example.com --organisation acme
  gh auth token | deployment-queue login --with-token`,
    )
    .action(async (flags: LoginFlags) => {
      const known = serviceOf(command, session);
      const url = known.url?.href ?? (await ask('Address of the service: ', false, otherwise.url));
      const organisation =
        known.organisation ?? (await ask('Organisation: ', false, otherwise.organisation));
      const token = await tokenFor(flags, session);
      session.mask(token);
      const environment = {
        ...session.environment,
        DEPLOYMENT_QUEUE_URL: url,
        DEPLOYMENT_QUEUE_ORGANISATION: organisation,
        DEPLOYMENT_QUEUE_TOKEN: token,
        DEPLOYMENT_QUEUE_AUTH: 'token',
      };
      const service = connection(command, { ...session, environment });
      const { detail } = await service.client.checkPolicies({ action: 'read' });
      const path = writeConfig(session.environment, { url: service.url, organisation, token });
      session.note(`Logged in to ${service.url}: ${printable(detail)}\nWritten to ${path}\n`);
    });
}

async function tokenFor({ clientId, withToken }: LoginFlags, session: Session): Promise<string> {
  // What no other command needs.
  const { deviceFlow, tokenOfGh } = await import('../github-login.js');
  if (withToken === true) {
    const token = (await text(process.stdin)).trim();
    if (token === '') throw new UsageError('the standard input holds no token');
    return token;
  }
  const app = clientId ?? variable(session.environment, 'DEPLOYMENT_QUEUE_CLIENT_ID');
  if (app !== undefined) {
    return deviceFlow(app, session.environment, (code, page) => {
      session.note(`Type ${printable(code)} at ${printable(page)}\n`);
    });
  }
  const found = await tokenOfGh(session.environment);
  if (found === undefined) return ask('GitHub token (not shown): ', true, otherwise.token);
  session.note('With the token of gh.\n');
  return found;
}
