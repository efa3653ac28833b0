-- Which owner on GitHub has which tenant. A tenant's name stays when its owner gets another login, which is
-- the one that was seen last. Rows of before belong to the first owner that gets their name.
CREATE TABLE tenants (
  owner_id      TEXT PRIMARY KEY,
  organisation  TEXT NOT NULL UNIQUE,
  login         TEXT NOT NULL,
  first_seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tenants_by_login ON tenants (login);
