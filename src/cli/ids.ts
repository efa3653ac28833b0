import type { DeploymentQueueClient } from '../client/client.js';
import { NothingToDo } from './failure.js';
import type { View } from './view.js';

const whole = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The first characters tell when a deployment was created, the last ones are random. */
const shortLength = 8;
const short = new RegExp(`^[0-9a-f]{${shortLength}}$`, 'i');

/** How far back a short id is looked for: what was registered lately is what people talk of. */
const pageSize = 250;
const pages = 20;

/** Whether a text can be an id, whole or short. */
export function isId(text: string): boolean {
  return whole.test(text) || short.test(text);
}

/** The id as a table shows it: short at a terminal. */
export function shortId(id: string, { columns }: Pick<View, 'columns'>): string {
  return columns === undefined || !whole.test(id) ? id : id.slice(-shortLength);
}

/**
 * The whole id that a short one stands for, among the deployments that were registered last.
 *
 * @param given whole or short
 * @throws NothingToDo there is none, or more than one
 */
export async function wholeId(client: DeploymentQueueClient, given: string): Promise<string> {
  if (!short.test(given)) return given;
  const end = given.toLowerCase();
  let next: string | undefined;
  for (let page = 1; page <= pages; page += 1) {
    const cursor: { cursor?: string } = next === undefined ? {} : { cursor: next };
    const list = await client.listDeployments({ limit: pageSize, ...cursor });
    const [found, ...others] = list.deployments.filter(({ id }) => id.endsWith(end));
    if (found !== undefined && others.length === 0) return found.id;
    if (found !== undefined) {
      const ids = [found, ...others].map(({ id }) => id).join(', ');
      throw new NothingToDo('conflict', `more than one deployment has an id like that: ${ids}`);
    }
    next = list.next;
    if (next === undefined) break;
  }
  const where =
    next === undefined
      ? ''
      : ` among the newest ${pageSize * pages}: use the whole one, as --wide shows it`;
  throw new NothingToDo('notFound', `no deployment has an id that ends in ${given}${where}`);
}

interface WithId {
  readonly id: string;
}

/**
 * The whole id that a short one stands for, among all locks, freezes or calendars.
 *
 * @param given whole or short
 * @throws NothingToDo there is none, or more than one
 */
export async function wholeGateId(
  kind: 'lock' | 'freeze' | 'calendar',
  all: () => AsyncIterable<WithId> | Promise<readonly WithId[]>,
  given: string,
): Promise<string> {
  if (!short.test(given)) return given;
  const end = given.toLowerCase();
  const found: string[] = [];
  for await (const { id } of await all()) if (id.endsWith(end)) found.push(id);
  const [id, ...others] = found;
  if (id === undefined) {
    throw new NothingToDo('notFound', `no ${kind} has an id that ends in ${given}`);
  }
  if (others.length === 0) return id;
  throw new NothingToDo(
    'conflict',
    `more than one ${kind} has an id like that: ${found.join(', ')}`,
  );
}
