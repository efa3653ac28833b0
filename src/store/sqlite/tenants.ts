import { otherName } from '../../domain/tenants/tenant.js';
import type { Owner, Tenant } from '../../domain/tenants/tenant.js';
import type { Database, Row } from './database.js';

/** The tenant of an owner. */
export function readTenant(database: Database, ownerId: string): Tenant | undefined {
  const row = database.prepare(byOwner).get(ownerId);
  return row && toTenant(row);
}

const columns = 'owner_id, organisation, login, first_seen_at';
const byOwner = `SELECT ${columns} FROM tenants WHERE owner_id = ?`;

/** Those whose owner was last seen under a login. */
export function readTenantsSeenAs(database: Database, login: string): Tenant[] {
  return database.prepare(byLogin).all(login).map(toTenant);
}

const byLogin = `SELECT ${columns} FROM tenants WHERE login = ? ORDER BY owner_id`;

function toTenant(row: Row): Tenant {
  return {
    ownerId: String(row['owner_id']),
    organisation: String(row['organisation']),
    login: String(row['login']),
    firstSeenAt: String(row['first_seen_at']),
  };
}

/** Registers an owner, or notes its login; to be run in a transaction. */
export function writeTenant(database: Database, owner: Owner, name: string, at: string): Tenant {
  const { id: ownerId, login } = owner;
  const known = readTenant(database, ownerId);
  if (known !== undefined) {
    database.prepare('UPDATE tenants SET login = ? WHERE owner_id = ?').run(login, ownerId);
    return { ...known, login };
  }
  const isTaken = database.prepare(byName).get(name) !== undefined;
  const organisation = isTaken ? otherName(name, owner) : name;
  database
    .prepare(`INSERT INTO tenants (${columns}) VALUES (?, ?, ?, ?)`)
    .run(ownerId, organisation, login, at);
  return { ownerId, organisation, login, firstSeenAt: at };
}

const byName = 'SELECT owner_id FROM tenants WHERE organisation = ?';
