import { Help } from 'commander';
import type {
  AccessDecision,
  Deployment,
  DeploymentEvent,
  EnvironmentSettings,
  GateEvent,
  Lineage,
  Policy,
  PolicyEvent,
} from '../client/client.js';
import { age, distance } from './age.js';
import { gateInWords } from './gates.js';
import { shortId } from './ids.js';
import { printable, printableJson } from './printable.js';
import type { Row } from './table.js';
import { paintStatus } from './view.js';
import type { View } from './view.js';

/** The body of a response, as JSON. */
export function json(body: unknown): string {
  return `${printableJson(body)}\n`;
}

/** One deployment: a line for each field that has a value, named as in the contract. */
export function deploymentSheet(
  deployment: Deployment,
  view: View,
  more: Readonly<Record<string, string>> = {},
): string {
  const approvals = deployment.approvals.map(approvalInWords).join(', ') || null;
  return sheet({ ...deployment, approvals, ...more }, view);
}

/** A line for each field that has a value; at a terminal, words that do not fit go on under the first. */
export function sheet(values: Readonly<Record<string, unknown>>, view: View): string {
  const fields = Object.entries(values).filter(([, value]) => value !== null);
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => {
      const text = printable(fieldText(name, String(value), view));
      const lines = view.columns === undefined ? text : wrapped(text, view.columns - width - 2);
      const painted = name === 'status' ? paintStatus(view.paint, lines) : lines;
      const label = printable(name.padEnd(width));
      return `${view.paint.bold(label)}  ${painted.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}\n`;
    })
    .join('');
}

/** A person at a terminal is told how far away an instant is, too. */
function fieldText(name: string, value: string, { columns, now }: View): string {
  if (columns === undefined || !/_(at|since|until)$/.test(name)) return value;
  const isAhead = Date.parse(value) > now;
  return `${value} (${isAhead ? `in ${distance(value, now)}` : `${age(value, now)} ago`})`;
}

const help = new Help();

/** Items under a title; at a terminal, words that do not fit go on under the first. */
export function bullets(title: string, items: readonly string[], { columns }: View): string {
  const lines = items.map((item) => {
    const text = printable(item);
    return columns === undefined ? text : wrapped(text, columns - 2);
  });
  return [`${title}:`, ...lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`), ''].join('\n');
}

/** In lines of a width; words that are longer, such as a URL, stay whole. */
function wrapped(text: string, width: number): string {
  return help.boxWrap(text, width);
}

/** Deployments, one a row. */
export function deploymentRows(deployments: readonly Deployment[], view: View): Row[] {
  return deployments.map((deployment) => deploymentRow(deployment, view));
}

/** The deployments of a lineage, one a row, each with its relation to the one that was asked about. */
export function lineageRows(lineage: Lineage, view: View): Row[] {
  const { deployment, copied_from, replaced, replaced_by } = lineage;
  const row = (relation: string) => (one: Deployment) => ({
    RELATION: relation,
    ...deploymentRow(one, view),
  });
  return [
    ...copied_from.map(row('copied from')),
    ...replaced.map(row('replaced')),
    row('this one')(deployment),
    ...replaced_by.map(row('replaced by')),
  ];
}

/** Changes, one a row. */
export function eventRows(events: readonly DeploymentEvent[], view: View): Row[] {
  return events.map((event) => ({
    ...since('WHEN', event.occurred_at, view),
    FROM: event.from_status ?? '-',
    TO: event.to_status,
    CHANGED: event.changed.filter((field) => field !== 'status').join(', ') || null,
    CAUSE: event.cause,
    'BECAUSE OF': event.cause_deployment_id && shortId(event.cause_deployment_id, view),
    REASON: event.reason,
    GATES: event.gates.map((gate) => gateInWords(gate, view)).join('; ') || null,
    ...whoAndWhere(event),
  }));
}

/** `octocat (Looked at the dashboard)` */
function approvalInWords({ actor, repository, reason }: Deployment['approvals'][number]): string {
  const who = actor ?? repository ?? 'nobody known';
  return reason === null ? who : `${who} (${reason})`;
}

/** Policies, a row for each of their rules. */
export function policyRows(policies: readonly Policy[]): Row[] {
  return policies.flatMap(({ name, scope, rules }) =>
    rules.map(({ who, may }, nth) => ({
      POLICY: name,
      SCOPE: partsOf(scope) || 'everywhere',
      RULE: String(nth),
      WHO:
        who.job === undefined ? `person ${partsOf(who.person ?? {})}` : `job ${partsOf(who.job)}`,
      MAY: may.join(', '),
    })),
  );
}

/** Changes of a policy, one a row. */
export function policyEventRows(events: readonly PolicyEvent[], view: View): Row[] {
  return events.map((event) => ({
    ...since('WHEN', event.occurred_at, view),
    WHAT: event.type,
    SCOPE: event.scope && (partsOf(event.scope) || 'everywhere'),
    RULES: event.rules && String(event.rules.length),
    ...whoAndWhere(event),
  }));
}

/** Settings of environments, one a row. */
export function environmentRows(environments: readonly EnvironmentSettings[], view: View): Row[] {
  return environments.map((settings) => {
    const shown = neverForNull(settings);
    return {
      ENVIRONMENT: settings.environment,
      ORDER: settings.order,
      EXCLUSIVE: settings.exclusive,
      RUNNING: String(settings.max_running),
      BUFFER: shown['buffer_seconds'] ?? null,
      TTL: shown['queue_ttl_seconds'] ?? null,
      'MAX HOLD': shown['max_hold_seconds'] ?? null,
      UNLEASED: shown['unleased_hold_seconds'] ?? null,
      'LEASE REQUIRED': String(settings.lease_required),
      APPROVALS: String(settings.required_approvals),
      ...(settings.updated_at !== null && since('UPDATED', settings.updated_at, view)),
    };
  });
}

/** Settings in which no number of seconds means never. */
export function neverForNull(settings: EnvironmentSettings): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      value === null ? (name.endsWith('_seconds') ? 'never' : null) : String(value),
    ]),
  );
}

/** Whether something is allowed, and why. */
export function accessSheet(decision: AccessDecision, view: View): string {
  const { policies, ...rest } = decision;
  return sheet({ ...rest, policies: policies.join(', ') || null }, view);
}

/** `name=checkout, cell=none` */
export function partsOf(parts: Readonly<Record<string, string | null | undefined>>): string {
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value ?? 'none'}`]))
    .join(', ');
}

/** Who asked for a change, from which run. */
export function whoAndWhere(event: DeploymentEvent | PolicyEvent | GateEvent): Row {
  return {
    ACTOR: event.actor,
    REPOSITORY: event.repository,
    WORKFLOW: event.workflow,
    REF: event.ref,
    COMMIT: event.commit_sha,
    RUN: runOf(event),
  };
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

function deploymentRow(deployment: Deployment, view: View): Row {
  return {
    ID: shortId(deployment.id, view),
    STATUS: deployment.status,
    ...since('CREATED', deployment.created_at, view),
    NAME: deployment.name,
    VERSION: deployment.version,
    ENVIRONMENT: deployment.environment,
    REGION: deployment.region,
    CELL: deployment.cell,
    PROVIDER: deployment.provider,
    ACCOUNT: deployment.cloud_account_id,
    TRIGGER: deployment.trigger,
  };
}

/** An instant whole, or at a terminal how long ago it was. */
export function since(heading: string, instant: string, { columns, now }: View): Row {
  return columns === undefined ? { [heading]: instant } : { AGE: age(instant, now) };
}
