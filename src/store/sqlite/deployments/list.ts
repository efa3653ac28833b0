import type { DeploymentStatus, StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Position } from '../../../domain/deployments/order.js';
import { filterFields, maxPageBytes } from '../../../domain/deployments/reads.js';
import type { ListFilter, ListQuery, Page } from '../../../domain/deployments/reads.js';
import { mergePages, sizeExpression, toPage } from '../../page.js';
import type { Row, Value } from '../database.js';
import type { ReaderPool } from '../reader-pool.js';
import { stampColumn } from '../row-cache.js';
import type { Source } from '../source.js';
import { storedColumns, toStored } from './rows.js';

/**
 * How many entries of an index are looked at on the thread that serves everybody: some tenths of a
 * millisecond. What this does not find is searched for elsewhere.
 */
const maxLookedAt = 1_000;
/** Up to so many entries are searched row by row; beyond, a scan of an index with all filters is faster. */
const maxRowByRow = 50_000;

/**
 * One page of deployments, newest first; of several statuses, the pages of each are merged.
 *
 * @param pool absent for a database in memory, which no other connection can read
 */
export async function list(
  source: Source,
  pool: ReaderPool | undefined,
  query: ListQuery,
): Promise<Page> {
  const { status, ...filter } = query.filter;
  if (status === undefined) return listOne(source, pool, { ...query, filter });
  const pages = await Promise.all(
    status.map((each) => listOne(source, pool, { ...query, filter: { ...filter, status: each } })),
  );
  return mergePages(pages, query.limit);
}

/** A list of one status, or of all. */
type OneQuery = Omit<ListQuery, 'filter'> & { readonly filter: OneFilter };
export type OneFilter = Omit<ListFilter, 'status'> & { readonly status?: DeploymentStatus };

/**
 * One page of deployments, newest first.
 *
 * Most pages lie together in an index, or near its end, and are read at once. A page whose rows are far
 * between is searched for by a reader of the pool, so that nobody else waits for it.
 */
async function listOne(
  source: Source,
  pool: ReaderPool | undefined,
  query: OneQuery,
): Promise<Page> {
  const index = bestIndex(query.filter);
  if (pool === undefined || coversAll(index, query.filter)) return readPage(source, query, index);
  const end = endOfLook(source, query, index, maxLookedAt);
  const page = readPage(source, query, index, end);
  if (end === undefined || page.more) return page;

  const search = (sql: string, values: readonly Value[]): Promise<readonly Row[]> =>
    pool.query(source.organisation, { sql, values, maxBytes: maxPageBytes });
  const far = endStatement(source, query, index, maxRowByRow);
  const [isFar] = await search(far.sql, far.values);
  const { sql, values } = listStatement(
    source,
    query,
    isFar === undefined ? index : scannedIndex(query.filter),
    `${storedColumns}, ${sizeExpression} AS bytes`,
  );
  const rows = await search(sql, values);
  source.cache.refresh();
  return toPage(
    rows.map((row) => source.cache.put(toStored(row))),
    query.limit,
  );
}

/** A page that is read here and now, no further than to a position. */
function readPage(source: Source, query: OneQuery, index: Index, end?: Position): Page {
  source.cache.refresh();
  const { rows, all } = readCached(source, query, index, end);
  const page = toPage(rows, query.limit);
  return all || page.more ? page : toPage(readRows(source, query, index, end), query.limit);
}

/** The first rows of a page, as far as they are in the cache, and whether these are all. */
function readCached(
  source: Source,
  query: OneQuery,
  index: Index,
  end: Position | undefined,
): { readonly rows: readonly StoredDeployment[]; readonly all: boolean } {
  const { sql, values } = listStatement(source, query, index, `${stampColumn} AS stamp`, end);
  const rows: StoredDeployment[] = [];
  for (const { stamp } of source.database.prepare(sql).all(...values)) {
    const row = source.cache.get(String(stamp));
    if (row === undefined) return { rows, all: false };
    rows.push(row);
  }
  return { rows, all: true };
}

/** The rows of a page, in one statement: a page never mixes two states of the data. */
function* readRows(
  source: Source,
  query: OneQuery,
  index: Index,
  end: Position | undefined,
): Iterable<StoredDeployment> {
  const { sql, values } = listStatement(source, query, index, storedColumns, end);
  for (const row of source.database.prepare(sql).iterate(...values)) {
    yield source.cache.put(toStored(row));
  }
}

type FilterField = (typeof filterFields)[number];

/** An index of lists, and the filter that it begins with. */
interface Index {
  readonly name: string;
  readonly field: FilterField | undefined;
}

/** Filters that have an index of their own, by how few rows they usually leave, the fewest first. */
const ownIndexes: readonly FilterField[] = [
  'name',
  'version',
  'cell',
  'cloud_account_id',
  'region',
  'environment',
  'status',
];

/** The index along which few rows are passed over; what waits or runs is little, whatever is done. */
export function bestIndex(filter: OneFilter): Index {
  const open = filter.status === 'scheduled' || filter.status === 'in_progress';
  const field = open ? 'status' : ownIndexes.find((candidate) => filter[candidate] !== undefined);
  return { name: `deployments_by_${field ?? 'age'}`, field };
}

/** The index that has all filters in it. */
export function scannedIndex(filter: OneFilter): Index {
  return filter.status === undefined
    ? { name: 'deployments_by_age', field: undefined }
    : { name: 'deployments_by_status', field: 'status' };
}

/** Whether every entry of the index that is walked along is one of the page. */
function coversAll({ field }: Index, filter: OneFilter): boolean {
  return filterFields.every((each) => each === field || filter[each] === undefined);
}

/** The position of the last entry that is looked at; `undefined` when there are not that many. */
function endOfLook(
  source: Source,
  query: OneQuery,
  index: Index,
  count: number,
): Position | undefined {
  const { sql, values } = endStatement(source, query, index, count);
  const row = source.database.prepare(sql).get(...values);
  return row && { created_at: String(row['created_at']), id: String(row['id']) };
}

/** Looks for the entry of an index that comes so many after the start of a page. */
function endStatement(
  { organisation }: Pick<Source, 'organisation'>,
  { filter, after }: OneQuery,
  { name, field }: Index,
  count: number,
): { sql: string; values: Value[] } {
  const own: OneFilter = field === undefined ? {} : { [field]: filter[field] };
  const { conditions, values } = conditionsOf(organisation, own, after);
  const sql = `
    SELECT created_at, id, 0 AS bytes
    FROM deployments INDEXED BY ${name}
    WHERE ${conditions.join(' AND ')}
    ORDER BY created_at DESC, id DESC
    LIMIT 1 OFFSET ?`;
  return { sql, values: [...values, count] };
}

/**
 * The statement of a page and its values; asks for one row more, to know whether there is one.
 *
 * @param end the last position that is looked at; absent, all are
 */
export function listStatement(
  { organisation }: Pick<Source, 'organisation'>,
  { filter, after, limit }: OneQuery,
  { name }: Index,
  columns: string,
  end?: Position,
): { sql: string; values: Value[] } {
  const { conditions, values } = conditionsOf(organisation, filter, after);
  if (end !== undefined) {
    conditions.push('(created_at, id) >= (?, ?)');
    values.push(end.created_at, end.id);
  }
  const sql = `
    SELECT ${columns}
    FROM deployments INDEXED BY ${name}
    WHERE ${conditions.join(' AND ')}
    ORDER BY created_at DESC, id DESC
    LIMIT ? + 0`;
  return { sql, values: [...values, limit + 1] };
}

function conditionsOf(
  organisation: string,
  filter: OneFilter,
  after: Position | undefined,
): { conditions: string[]; values: Value[] } {
  const fields = filterFields.filter((field) => filter[field] !== undefined);
  const conditions = ['organisation = ?', ...fields.map((field) => `${field} = ?`)];
  const values: Value[] = [organisation, ...fields.map((field) => filter[field] ?? null)];
  if (after !== undefined) {
    conditions.push('(created_at, id) < (?, ?)');
    values.push(after.created_at, after.id);
  }
  return { conditions, values };
}
