import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type {
  AccessCheck,
  Policy,
  PolicyEvent,
  PolicyPut,
  PolicyResult,
} from '../../client/client.js';
import { ifMatchOption } from '../arguments.js';
import { connect } from '../connection.js';
import { messageOf, UsageError } from '../failure.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { accessSheet, json, policyEventRows, policyRows, sheet } from '../output.js';
import { printTable, viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const maximumOf = (operation: 'listPolicies' | 'listPolicyEvents') =>
  inputs[operation].find(({ name }) => name === 'limit')?.maximum ?? 100;

/** `policy`: says who may do what. */
export function addPolicy(program: Command, session: Session): void {
  const policy = program
    .command('policy')
    .summary('say who may do what, and ask why')
    .description(
      'Policies say who may do what, and where. Owners of the organisation change them; everybody may read them and ask.',
    );
  for (const add of [addList, addGet, addSet, addDelete, addCheck, addEvents]) add(policy, session);
}

function addList(policy: Command, session: Session): void {
  const command = policy
    .command('list')
    .summary('show all policies')
    .description('Shows all policies of the organisation, by name.');
  command.action(async () => {
    const client = connect(command, session);
    const found: Policy[] = [];
    const query = { limit: maximumOf('listPolicies') };
    for await (const one of client.listAllPolicies(query)) found.push(one);
    if (wantsJson(command)) session.print(json(found));
    else if (found.length === 0) session.note('There are no policies.\n');
    else printTable(session, command, () => policyRows(found), { wrap: true });
  });
}

function addGet(policy: Command, session: Session): void {
  const command = policy
    .command('get')
    .summary('show a policy')
    .description('Shows a policy: its scope, its rules and its ETag.')
    .addArgument(nameArgument());
  command.action(async (name: string) => {
    const found = await connect(command, session).getPolicy(name);
    printPolicy(session, command, found);
  });
}

function addSet(policy: Command, session: Session): void {
  const command = policy
    .command('set')
    .summary('create a policy, or replace all of it')
    .description(
      'Creates a policy, or replaces all of it, by what a file says: a JSON object with scope and rules, as in the contract. What get --json prints will do as well.',
    )
    .addArgument(nameArgument())
    .addOption(
      new Option(
        '--file <path>',
        'the file with the policy, or - for the standard input',
      ).makeOptionMandatory(),
    )
    .addOption(ifMatchOption('policy'));
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue policy set production --file production.json
  deployment-queue policy get production --json |
    deployment-queue policy set staging --file -`,
    )
    .action(async (name: string, options: { readonly file: string; readonly ifMatch?: string }) => {
      const body = policyOf(await read(options.file));
      const client = connect(command, session);
      const result = await client.putPolicy(name, body, { ifMatch: options.ifMatch });
      printPolicy(session, command, result);
    });
}

function addDelete(policy: Command, session: Session): void {
  const command = policy
    .command('delete')
    .summary('delete a policy')
    .description('Deletes a policy; its events stay.')
    .addArgument(nameArgument())
    .addOption(ifMatchOption('policy'));
  command.action(async (name: string, { ifMatch }: { readonly ifMatch?: string }) => {
    await connect(command, session).deletePolicy(name, { ifMatch });
    session.note(`The policy ${name} is deleted.\n`);
  });
}

function addCheck(policy: Command, session: Session): void {
  const command = policy
    .command('check')
    .summary('ask whether somebody may do something, and why')
    .description(
      'Says whether you, or a job or person with the claims that --job or --person give, may take an action, by which policy or default, and who can change that.',
    );
  addInputs(command, 'checkPolicies', { except: ['caller'] });
  command
    .addOption(
      new Option('--job <claim=value>', `a claim of a job (may be repeated): ${jobClaims}`)
        .argParser(collectPairs)
        .conflicts('person'),
    )
    .addOption(
      new Option(
        '--person <field=value>',
        'the login or the role (admin, member) of a person (may be repeated)',
      ).argParser(collectPairs),
    )
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue policy check --action configure
  deployment-queue policy check --action start --name checkout \\
    --environment production --provider gcp --job repository=acme/checkout --job ref=refs/heads/main`,
    )
    .action(async ({ job, person }: { readonly job?: Pairs; readonly person?: Pairs }) => {
      const { body } = checkedInputs('checkPolicies', givenInputs(command, 'checkPolicies'));
      // The service checks their names and values, and says what is allowed.
      const caller = (job !== undefined ? { job } : person && { person }) as AccessCheck['caller'];
      const client = connect(command, session);
      const decision = await client.checkPolicies(
        caller === undefined ? body : { ...body, caller },
      );
      session.print(
        wantsJson(command) ? json(decision) : accessSheet(decision, viewFor(session, command)),
      );
    });
}

const jobClaims = 'repository, repository_id, ref, environment, job_workflow_ref, event_name';

function addEvents(policy: Command, session: Session): void {
  const command = policy
    .command('events')
    .summary('show every change of a policy, oldest first')
    .description(
      'Shows every change of a policy, oldest first, over all pages, also of one that was deleted: when, what, and who asked for it.',
    )
    .addArgument(nameArgument());
  command.action(async (name: string) => {
    const client = connect(command, session);
    const events: PolicyEvent[] = [];
    const query = { limit: maximumOf('listPolicyEvents') };
    for await (const event of client.listAllPolicyEvents(name, query)) events.push(event);
    if (wantsJson(command)) session.print(json(events));
    else printTable(session, command, (view) => policyEventRows(events, view), { wrap: true });
  });
}

/** One policy: what is said of it, then its rules. */
function printPolicy(session: Session, command: Command, { policy, etag }: PolicyResult): void {
  if (wantsJson(command)) {
    session.print(json(policy));
    return;
  }
  const { name, revision, created_at, updated_at } = policy;
  const values = { name, revision, created_at, updated_at, etag };
  session.print(`${sheet(values, viewFor(session, command))}\n`);
  printTable(session, command, () => policyRows([policy]), { wrap: true });
}

function nameArgument(): Argument {
  return new Argument('<name>', 'the name of a policy').argParser((name: string) => {
    if (/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/.test(name)) return name;
    throw new InvalidArgumentError('It must be 1 to 63 of a-z, 0-9, ".", "_" and "-".');
  });
}

type Pairs = Readonly<Record<string, string>>;

function collectPairs(text: string, before: Pairs = {}): Pairs {
  const [, name, value] = /^([a-z_]+)=(.+)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { ...before, [name]: value };
  throw new InvalidArgumentError('It must be name=value.');
}

async function read(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--file cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** What the service adds to a policy by itself. */
const ofTheService = ['name', 'revision', 'created_at', 'updated_at'];

/** The policy in a file. What is wrong with its scope and rules, the service says. */
function policyOf(content: string): PolicyPut {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    throw new UsageError('--file must hold JSON', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UsageError('--file must hold a JSON object, with scope and rules');
  }
  const fields = Object.entries(parsed).filter(([name]) => !ofTheService.includes(name));
  return Object.fromEntries(fields) as PolicyPut;
}
