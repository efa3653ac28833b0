import type { Deployment } from '../../../src/domain/deployments/deployment.js';

/** How a consumer reaches the service. */
export interface Access {
  readonly url: string;
  readonly token: string;
}

/** What these consumers read of problem details. */
export class ConsumerProblem extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, { type, detail }: { type: string; detail: string }) {
    super(detail);
    this.status = status;
    this.type = type;
  }
}

/**
 * Calls the service.
 *
 * @throws ConsumerProblem when it refuses
 */
export async function call(
  { url, token }: Access,
  method: string,
  path: string,
  { body, ...headers }: { body?: object } & Record<string, string | object> = {},
): Promise<{ body: unknown; headers: Headers }> {
  const response = await fetch(url + path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(headers as Record<string, string>),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) {
    throw new ConsumerProblem(response.status, answer as { type: string; detail: string });
  }
  return { body: answer, headers: response.headers };
}

/** The part of a deployment that a consumer reads. */
export type Part<Field extends keyof Deployment> = Pick<Deployment, Field>;
