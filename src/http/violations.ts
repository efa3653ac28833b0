import type { Contract, ContractOperation } from '../contract/contract.js';
import type { Violation } from '../domain/errors.js';

/** One fault as express-openapi-validator reports it. */
interface Fault {
  readonly path: string;
  readonly message: string;
  readonly errorCode?: string;
}

/** How many faults are reported at once: enough to mend a request, too few to make a response large. */
export const maxViolations = 20;

/** Says in the contract's words what the validator found wrong with a request. */
export function violationsOf(
  faults: readonly Fault[],
  operation: ContractOperation,
  hints: Contract['patternHints'],
): Violation[] {
  const violations = faults
    .slice(0, maxViolations)
    .map(({ path, message, errorCode = '' }): Violation => {
      const [, place = '', ...rest] = path.split('/');
      const name = rest.join('/');
      if (place === 'body') {
        const pointer = name === '' ? '#' : `#/${name}`;
        return { pointer, message: explainBody(message, errorCode, name, operation, hints) };
      }
      return {
        parameter: parameterName(place, name, operation),
        message: explainParameter(message, hints),
      };
    });
  // Two checks may find the same: NUL by the contract's pattern, surrogates by the service's format.
  return [...new Map(violations.map((each) => [JSON.stringify(each), each])).values()];
}

function explainBody(
  message: string,
  errorCode: string,
  name: string,
  operation: ContractOperation,
  hints: Contract['patternHints'],
): string {
  const fields = operation.bodyFields.join(', ');
  if (errorCode.startsWith('additionalProperties')) {
    // What is allowed further down, the contract says.
    return `is not a known field${name.includes('/') ? '' : `; allowed: ${fields}`}`;
  }
  if (name === '' && (errorCode.startsWith('required') || message === 'must be object')) {
    return `must be a JSON object, with fields of: ${fields}`;
  }
  if (errorCode.startsWith('required')) return 'is required';
  return hint(message, hints);
}

function explainParameter(message: string, hints: Contract['patternHints']): string {
  if (message.startsWith('Empty value found')) return 'must not be empty';
  if (message.startsWith('must have required property')) return 'is required';
  return hint(message, hints);
}

/** Says in plain words what the validator says in its own. */
function hint(message: string, hints: Contract['patternHints']): string {
  if (message === 'must match format "uuid"') return 'must be a UUID';
  if (message === 'must match format "unicode"') {
    return 'must not contain NUL or unpaired surrogates';
  }
  if (message === 'must match format "date-time"') {
    return 'must be an instant with its offset from UTC (RFC 3339), such as 2026-01-05T09:30:00Z';
  }
  if (message === 'must be string,null') return 'must be string or null';
  const [, pattern] = /^must match pattern "(.*)"$/s.exec(message) ?? [];
  return (pattern !== undefined ? hints.get(pattern) : undefined) ?? message;
}

/** The parameter's name as the contract writes it: Node gives header names in lower case. */
function parameterName(place: string, name: string, operation: ContractOperation): string {
  // The place of a value in a list follows.
  if (place === 'query') return name.replace(/\/\d+$/, '');
  if (place !== 'headers') return name;
  const declared = operation.parameters.find(
    (parameter) => parameter.in === 'header' && parameter.name.toLowerCase() === name.toLowerCase(),
  );
  return declared?.name ?? name;
}
