import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { FileOf01 } from '../support/file-of-0-1.js';
import { idOf } from '../support/stored.js';
import { StoreUser } from './harness.js';

/** A SQLite file that 0.1 has written and the service opens: a new one for each test of a suite. */
export class MigratedFile {
  #folder = '';

  constructor() {
    beforeEach(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    });
    afterEach(() => rm(this.#folder, { recursive: true }));
  }

  get folder(): string {
    return this.#folder;
  }

  get path(): string {
    return join(this.#folder, 'deployments.db');
  }

  /** Writes it as 0.1 did. */
  write(work: (file: FileOf01) => void): void {
    const file = new FileOf01(this.path);
    try {
      work(file);
    } finally {
      file.close();
    }
  }

  /** Opens it as the service does now. */
  async open<T>(use: (acme: StoreUser) => Promise<T>, path = this.path): Promise<T> {
    const store = await openSqliteStore(path);
    try {
      return await use(new StoreUser(store, 'acme'));
    } finally {
      await store.close();
    }
  }
}

/** A deployment by the number that 0.1 wrote it under. */
export async function stored(acme: StoreUser, number: number): Promise<StoredDeployment> {
  const found = await acme.get(idOf(number));
  if (found === undefined) throw new Error(`There is no deployment ${number}`);
  return found;
}
