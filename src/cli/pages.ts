import { inputs } from '../../generated/inputs.js';

/** As many locks or freezes as a page holds at most: all that an organisation may have. */
export const gatesPage = {
  limit: inputs.listLocks.find(({ name }) => name === 'limit')?.maximum ?? 100,
};

/** All items of a list, over all of its pages. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
