import { otherName } from '../../domain/tenants/tenant.js';
import type { Owner, Tenant } from '../../domain/tenants/tenant.js';
import type { Row, Statement } from './statement.js';

const columns = 'owner_id, organisation, login, first_seen_at';

/** The tenant of an owner. */
export function tenantStatement(ownerId: string): Statement {
  return { sql: `SELECT ${columns} FROM tenants WHERE owner_id = $1`, values: [ownerId] };
}

/** Those whose owner was last seen under a login. */
export function seenAsStatement(login: string): Statement {
  return {
    sql: `SELECT ${columns} FROM tenants WHERE login = $1 ORDER BY owner_id`,
    values: [login],
  };
}

/** Turns a row of these into the tenant. */
export function toTenant(row: Row): Tenant {
  return {
    ownerId: String(row['owner_id']),
    organisation: String(row['organisation']),
    login: String(row['login']),
    firstSeenAt: String(row['first_seen_at']),
  };
}

/**
 * Registers an owner, or notes its login. May be repeated. Where another transaction takes the name at the same
 * moment, a key ends this one, and its repetition finds the other's row.
 */
export function registerStatement(owner: Owner, name: string, at: string): Statement {
  return {
    sql: `
      INSERT INTO tenants (${columns})
      SELECT $1, CASE WHEN EXISTS (SELECT 1 FROM tenants WHERE organisation = $2) THEN $3 ELSE $2 END, $4, $5
      ON CONFLICT (owner_id) DO UPDATE SET login = excluded.login
      RETURNING ${columns}`,
    values: [owner.id, name, otherName(name, owner), owner.login, at],
  };
}
