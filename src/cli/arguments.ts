import { Argument, InvalidArgumentError, Option } from 'commander';
import { enums, headers, inputs } from '../../generated/inputs.js';
import type { Input, InputValues } from '../../generated/inputs.js';
import type { DeploymentStatus } from '../client/client.js';
import { isId } from './ids.js';
import { faultOf } from './inputs.js';

const maximalHours = 7 * 24;
const usualLeaseSeconds = 60;

/** What has an id, and which commands print it. */
const printedBy = {
  deployment: 'create and list print',
  lock: 'lock and locks print',
  freeze: 'freeze and freezes print',
  calendar: 'calendar create and calendars print',
} as const;

/** An id, as `<id>` or, where there is another way to name a deployment, as `[id]`. */
export function idArgument(
  notation: '<id>' | '[id]',
  what: keyof typeof printedBy = 'deployment',
): Argument {
  return new Argument(notation, `the id of a ${what}, or its last eight characters`).argParser(
    (text: string) => {
      if (isId(text)) return text;
      throw new InvalidArgumentError(
        `It must be a UUID, as ${printedBy[what]} it, or its last eight characters.`,
      );
    },
  );
}

/** `--idempotency-key`, for what creates a deployment. */
export function idempotencyOption(): Option {
  return inputOption(
    '--idempotency-key <key>',
    'the same key gives the same deployment for 24 hours, however often this runs (in GitHub Actions, one of run, job and options unless set)',
    headers['Idempotency-Key'],
  );
}

/** `--if-match`, for what changes something. */
export function ifMatchOption(what: 'deployment' | 'policy' | 'environment'): Option {
  return inputOption(
    '--if-match <etag>',
    `only if the ${what} still has this ETag, as get prints it`,
    headers['If-Match'],
  );
}

/** `--reason` of an operation that takes one. */
export function reasonOption(
  operation: keyof InputValues,
  description = 'why; it stands in the events',
): Option {
  return inputOption('--reason <text>', description, inputNamed(operation, 'reason'));
}

/** `--override`, for what starts a deployment. */
export function overrideOption(operation: 'claimDeployment' | 'updateDeployment'): Option {
  const [reason] = inputNamed(operation, 'override').fields ?? [];
  if (reason === undefined) throw new Error('The contract has no reason for an override');
  return inputOption(
    '--override <reason>',
    'start it although gates are closed, for who may override; why stands in the events',
    reason,
  );
}

/** What an operation is told of an override. */
export function overrideOf(reason: string | undefined): { override?: { reason: string } } {
  return reason === undefined ? {} : { override: { reason } };
}

/** An input of the contract. */
export function inputNamed(operation: keyof InputValues, name: string): Input {
  const input = inputs[operation].find((one) => one.name === name);
  if (input === undefined) throw new Error(`The contract has no ${name} for ${operation}`);
  return input;
}

/** What is sent as a header or a field, checked as the contract says. */
export function inputOption(flags: string, description: string, input: Input): Option {
  return new Option(flags, description).argParser((text: string) => {
    const fault = faultOf(input, text);
    if (fault === undefined) return text;
    throw new InvalidArgumentError(`It ${fault}.`);
  });
}

/**
 * Statuses, separated by commas.
 *
 * @throws InvalidArgumentError
 */
export function statusesOf(text: string): DeploymentStatus[] {
  return text.split(',').map((part) => {
    const status = enums.DeploymentStatus.find((known) => known === part.trim());
    if (status !== undefined) return status;
    throw new InvalidArgumentError(`It must be of ${enums.DeploymentStatus.join(', ')}.`);
  });
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * A duration such as `90`, `90s`, `10m` or `2h`.
 *
 * @returns milliseconds
 * @throws InvalidArgumentError
 */
export function durationOf(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? 0);
  if (ms > 0 && ms <= maximalHours * 3_600_000) return ms;
  throw new InvalidArgumentError(
    `It must be a duration such as 90s, 10m or 2h, up to ${maximalHours}h.`,
  );
}

/**
 * A duration, or 0.
 *
 * @returns milliseconds
 * @throws InvalidArgumentError
 */
export function waitOf(text: string): number {
  return text === '0' ? 0 : durationOf(text);
}

const leaseInput = inputs.claimDeployment.find(({ name }) => name === 'lease_seconds');

/** `--lease`: how long a lease is given for, in seconds. */
export function leaseOption(): Option {
  const { minimum = 0, maximum = Infinity } = leaseInput ?? {};
  return new Option('--lease <duration>', 'how long a lease lasts that nobody renews')
    .argParser((text: string) => {
      const seconds = Math.round(durationOf(text) / 1000);
      if (seconds >= minimum && seconds <= maximum) return seconds;
      throw new InvalidArgumentError(`It must be ${minimum}s to ${maximum}s.`);
    })
    .default(usualLeaseSeconds, `${usualLeaseSeconds}s`);
}

/**
 * How many, from 1.
 *
 * @throws InvalidArgumentError
 */
export function countOf(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
