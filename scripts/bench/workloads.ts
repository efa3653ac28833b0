import type { Database } from '../../src/store/sqlite/database.js';
import type { Seed } from './seed.js';

/** One request, the same for every contestant. */
export interface BenchRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: string;
}

/** A kind of work. */
export interface Workload {
  readonly name: string;
  /** How many requests make a round, where each needs rows of its own; else a round takes time. */
  readonly amount?: number;
  /** The statuses of a good answer. */
  readonly status: readonly number[];
  /** Prepares what the requests of a round need, and makes them. */
  requests(file: BenchFile): Promise<() => BenchRequest>;
}

/** A contestant's file, and how to add rows to it. */
export interface BenchFile {
  readonly seed: Seed;
  readonly database: Database;
  /** Ids of the rows that were there at first. */
  readonly known: readonly string[];
}

const collection = '/v1/deployments';
const body = JSON.stringify({
  name: 'checkout',
  version: '1.4.0',
  environment: 'production',
  provider: 'gcp',
  cloud_account_id: 'acme-prod',
  region: 'europe-west1',
  type: 'k8s',
  commit_sha: '4f0c6b1c8f6f4c2a9f3d1e7b5a8c9d0e1f2a3b4c',
  description: 'Faster basket, and a new payment provider behind a flag',
  build_uri: 'https://github.com/acme/checkout/actions/runs/1001',
});
/** A registration. */
export const createOne: BenchRequest = { method: 'POST', path: collection, body };
/** A release. */
export const deployOne = (id: string | undefined): BenchRequest => ({
  method: 'PATCH',
  path: `${collection}/${id}`,
  body: '{"status":"deployed"}',
});

function list(limit: number): Workload {
  const request: BenchRequest = { method: 'GET', path: `${collection}?limit=${limit}` };
  return { name: `list ${limit}`, status: [200], requests: () => Promise.resolve(() => request) };
}

/** A rollback of the taxonomy that a query names. */
export const rollbackOne = (query: string | undefined): BenchRequest => ({
  method: 'POST',
  path: `${collection}/rollback?${query}`,
});

/** Goes round the values, so that no two requests next to each other are the same. */
export function cycle<T>(values: readonly T[]): () => T | undefined {
  let next = 0;
  return () => values[next++ % values.length];
}

const get: Workload = {
  name: 'get',
  status: [200],
  requests({ known }) {
    const id = cycle(known);
    return Promise.resolve(() => ({ method: 'GET', path: `${collection}/${id()}` }));
  },
};

export const workloads: readonly Workload[] = [
  list(10),
  list(100),
  list(1000),
  get,
  { name: 'create', status: [201], requests: () => Promise.resolve(() => createOne) },
  {
    name: 'deploy, 10 skipped',
    amount: 2_000,
    status: [200],
    async requests({ seed, database }) {
      const id = cycle(await seed.addQueues(database, 2_000, 10));
      return () => deployOne(id());
    },
  },
  {
    name: 'rollback',
    amount: 2_000,
    status: [201],
    async requests({ seed, database }) {
      const query = cycle(await seed.addReleases(database, 2_000));
      return () => rollbackOne(query());
    },
  },
  {
    name: 'mix',
    amount: 6_000,
    status: [200, 201],
    async requests({ seed, database, known }) {
      const waiting = cycle(await seed.addQueues(database, 600, 2));
      const id = cycle(known);
      const page: BenchRequest = { method: 'GET', path: `${collection}?limit=10` };
      const one = (): BenchRequest => ({ method: 'GET', path: `${collection}/${id()}` });
      // 80 % list and get, 10 % create, 10 % deploy.
      const next = cycle([
        () => page,
        one,
        () => createOne,
        () => page,
        one,
        () => page,
        () => deployOne(waiting()),
        one,
        () => page,
        one,
      ]);
      return () => next()?.() ?? page;
    },
  },
];
