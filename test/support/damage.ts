import { open, stat } from 'node:fs/promises';

/** Bytes of a page of SQLite, as this service's files have them. */
const page = 4096;

/**
 * Overwrites the middle of each page of a file from one on, as a failing disk or a stray program might.
 *
 * @param from the first page to damage; page 0 holds the header and the schema
 */
export async function damagePages(path: string, from: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await stat(path);
    // From the page's own header on, so that SQLite does not take it for a page of the tree.
    for (let at = from * page; at < size; at += page) {
      await file.write(Buffer.alloc(page / 2, 0xa5), 0, page / 2, at);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
