import type { Violation } from '../domain/errors.js';
import { decodePercent } from './percent.js';

/** How a query parameter is written: once, once and as an integer, or as often as it has values. */
export type QueryStyle = 'text' | 'integer' | 'list';

/** The query parameters of an operation, by name. */
export type QueryStyles = ReadonlyMap<string, QueryStyle>;

/** A query, taken apart. */
export interface Query {
  /** The values by name: a list where the contract has one, else text. */
  readonly values: Record<string, unknown>;
  /** What an operation of these parameters cannot be asked. */
  readonly violations: readonly Violation[];
}

const none: readonly Violation[] = [];

/** Perhaps a sign, then digits: what `Number` reads beyond that, such as `0x10`, `1e2` and ` 5`, is no integer. */
const integer = /^-?[0-9]+$/;

/**
 * Takes a query apart (https://url.spec.whatwg.org/#urlencoded-parsing), and refuses what other parsers
 * read as they please: what is sent twice, numbers that are not plain, octets that are not UTF-8.
 *
 * @param url path and query, as in the request line
 * @throws HttpError `malformed-request` for what is not percent-encoded UTF-8, naming the parameter
 */
export function readQuery(url: string, styles: QueryStyles): Query {
  const start = url.indexOf('?');
  if (start < 0) return { values: {}, violations: none };
  // What has a value here is a parameter of the contract, whatever names are sent.
  const values: Record<string, unknown> = {};
  const violations: Violation[] = [];

  for (const pair of url.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const end = equals < 0 ? pair.length : equals;
    const name = decode(pair.slice(0, end), 'The name of a query parameter');
    const value = decode(pair.slice(end + 1), `The query parameter ${name}`);
    const style = styles.get(name);
    if (style === undefined) {
      const message = `is not a known query parameter; allowed: ${namesOf(styles)}`;
      violations.push({ parameter: name, message });
    } else if (style === 'list') {
      ((values[name] ??= []) as string[]).push(value);
    } else if (values[name] !== undefined) {
      violations.push({ parameter: name, message: 'must be sent once' });
    } else if (style === 'integer' && value !== '' && !integer.test(value)) {
      violations.push({ parameter: name, message: 'must be a whole number in decimal digits' });
    } else {
      values[name] = value;
    }
  }
  return { values, violations };
}

function decode(text: string, what: string): string {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text, what);
}

function namesOf(styles: QueryStyles): string {
  return styles.size === 0 ? 'none' : [...styles.keys()].join(', ');
}
