import { expect } from 'chai';
import type { Response } from 'supertest';
import type { TestService } from './service.js';
import { until } from './until.js';

/** The one line in which a request's refusal is logged; expects that the request has just one. */
export async function refusalLine(
  { logs }: TestService,
  requestId: string,
): Promise<Record<string, unknown>> {
  const linesOf = () => logs.filter((line) => line['requestId'] === requestId);
  await until('the log has the request', () => linesOf().some(({ msg }) => msg === 'request'));
  const [line, ...more] = linesOf().filter(({ msg }) => msg === 'refused');
  if (line === undefined) throw new Error('The refusal is not in the log');
  expect(more).to.deep.equal([]);
  expect(line['level']).to.equal(40);
  return line;
}

/**
 * Expects a token, and each part of it that is long enough to be told from other text, to be
 * neither in an answer nor in the log.
 */
export function expectSecret({ logs }: TestService, response: Response, token: string): void {
  const told = JSON.stringify([response.headers, response.text]);
  const logged = JSON.stringify(logs);
  for (const part of [token, ...token.split('.')].filter(({ length }) => length >= 8)) {
    // Not `include`: a failure must not print what it is about.
    expect(told.includes(part), 'told').to.equal(false);
    expect(logged.includes(part), 'logged').to.equal(false);
  }
}
