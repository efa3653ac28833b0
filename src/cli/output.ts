import type {
  AccessDecision,
  Deployment,
  DeploymentEvent,
  Lineage,
  Policy,
  PolicyEvent,
} from '../client/client.js';
import { printable, printableJson } from './printable.js';

/** The body of a response, as JSON. */
export function json(body: unknown): string {
  return `${printableJson(body)}\n`;
}

/** One deployment: a line for each field that has a value, named as in the contract. */
export function deploymentSheet(
  deployment: Deployment,
  more: Readonly<Record<string, string>> = {},
): string {
  return sheet({ ...deployment, ...more });
}

/** A line for each field that has a value. */
function sheet(values: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(values).filter(([, value]) => value !== null);
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => printable(`${name.padEnd(width)}  ${String(value)}`))
    .map((line) => `${line}\n`)
    .join('');
}

/** Deployments, one a line. */
export function deploymentTable(deployments: readonly Deployment[]): string {
  return table(deployments.map((deployment) => deploymentCells(deployment)));
}

/** The deployments of a lineage, one a line, each with its relation to the one that was asked about. */
export function lineageTable(lineage: Lineage): string {
  const { deployment, copied_from, replaced, replaced_by } = lineage;
  const rows = [
    ...copied_from.map((one) => ({ RELATION: 'copied from', ...deploymentCells(one) })),
    ...replaced.map((one) => ({ RELATION: 'replaced', ...deploymentCells(one) })),
    { RELATION: 'this one', ...deploymentCells(deployment) },
    ...replaced_by.map((one) => ({ RELATION: 'replaced by', ...deploymentCells(one) })),
  ];
  return table(rows);
}

/** Changes, one a line. */
export function eventTable(events: readonly DeploymentEvent[]): string {
  return table(
    events.map((event) => ({
      WHEN: event.occurred_at,
      FROM: event.from_status ?? '-',
      TO: event.to_status,
      CHANGED: event.changed.filter((field) => field !== 'status').join(', ') || null,
      CAUSE: event.cause,
      'BECAUSE OF': event.cause_deployment_id,
      REASON: event.reason,
      ACTOR: event.actor,
      REPOSITORY: event.repository,
      WORKFLOW: event.workflow,
      REF: event.ref,
      COMMIT: event.commit_sha,
      RUN: runOf(event),
    })),
  );
}

/** Policies, a line for each of their rules. */
export function policyTable(policies: readonly Policy[]): string {
  return table(
    policies.flatMap(({ name, scope, rules }) =>
      rules.map(({ who, may }, nth) => ({
        POLICY: name,
        SCOPE: partsOf(scope) || 'everywhere',
        RULE: String(nth),
        WHO:
          who.job === undefined ? `person ${partsOf(who.person ?? {})}` : `job ${partsOf(who.job)}`,
        MAY: may.join(', '),
      })),
    ),
  );
}

/** One policy: what is said of it, then its rules. */
export function policySheet(policy: Policy, etag: string): string {
  const { name, revision, created_at, updated_at } = policy;
  return `${sheet({ name, revision, created_at, updated_at, etag })}\n${policyTable([policy])}`;
}

/** Changes of a policy, one a line. */
export function policyEventTable(events: readonly PolicyEvent[]): string {
  return table(
    events.map((event) => ({
      WHEN: event.occurred_at,
      WHAT: event.type,
      SCOPE: event.scope && (partsOf(event.scope) || 'everywhere'),
      RULES: event.rules && String(event.rules.length),
      ACTOR: event.actor,
      REPOSITORY: event.repository,
      WORKFLOW: event.workflow,
      REF: event.ref,
      COMMIT: event.commit_sha,
      RUN: runOf(event),
    })),
  );
}

/** Whether something is allowed, and why. */
export function accessSheet(decision: AccessDecision): string {
  const { policies, ...rest } = decision;
  return sheet({ ...rest, policies: policies.join(', ') || null });
}

/** `name=checkout, cell=none` */
function partsOf(parts: Readonly<Record<string, string | null | undefined>>): string {
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value ?? 'none'}`]))
    .join(', ');
}

/** A run of a workflow, with the attempt when it is not the first. */
function runOf({
  run_id: run,
  run_attempt: attempt,
}: Pick<DeploymentEvent, 'run_id' | 'run_attempt'>): string | null {
  if (run === null || attempt === null || attempt === '1') return run;
  return `${run} (attempt ${attempt})`;
}

/** A deployment in a few words. */
export function inWords({ name, version, environment, status }: Deployment): string {
  return printable(`${name} ${version} to ${environment} is ${status}`);
}

type Cells = Readonly<Record<string, string | null>>;

function deploymentCells(deployment: Deployment) {
  return {
    ID: deployment.id,
    CREATED: deployment.created_at,
    NAME: deployment.name,
    VERSION: deployment.version,
    ENVIRONMENT: deployment.environment,
    PROVIDER: deployment.provider,
    ACCOUNT: deployment.cloud_account_id,
    REGION: deployment.region,
    CELL: deployment.cell,
    STATUS: deployment.status,
    TRIGGER: deployment.trigger,
  } satisfies Cells;
}

/** Rows under their headings; a column in which no row has a value is left out. */
function table(rows: readonly Cells[]): string {
  const names = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => row[name] != null));
  const lines = [names, ...rows.map((row) => names.map((name) => printable(row[name] ?? '-')))];
  const widths = names.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, lengthOf(line[column] ?? '')), 0),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

const graphemes = new Intl.Segmenter();

/** In characters as people count them. */
function lengthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : [...graphemes.segment(text)].length;
}
