import { Agent, get } from 'node:http';

/** How an answer of a crowd's request ended. */
export interface CrowdResponse {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/**
 * Lists deployments once for each set of headers, all at once and each on a connection of its own.
 *
 * @returns the answers, in the order of the headers
 */
export async function listAtOnce(
  apiUrl: string,
  requests: readonly Readonly<Record<string, string>>[],
): Promise<CrowdResponse[]> {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const one = (headers: Readonly<Record<string, string>>): Promise<CrowdResponse> =>
    new Promise((resolve, reject) => {
      get(`${apiUrl}/v1/deployments`, { agent, headers }, (response) => {
        response.resume().once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
          });
        });
      }).once('error', reject);
    });
  return Promise.all(requests.map(one));
}

/** How often each status is among the answers. */
export function tally(answers: readonly CrowdResponse[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
