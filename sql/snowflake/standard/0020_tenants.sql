-- Which owner on GitHub has which tenant. A tenant's name stays when its owner gets another login, which is
-- the one that was seen last. Rows of before belong to the first owner that gets their name. One row an owner
-- and a name: see 0006_write_lock.sql.
CREATE TABLE IF NOT EXISTS tenants (
  owner_id      VARCHAR(19)      NOT NULL,
  organisation  VARCHAR(255)     NOT NULL,
  login         VARCHAR(39)      NOT NULL,
  first_seen_at TIMESTAMP_NTZ(3) NOT NULL,
  CONSTRAINT tenants_key PRIMARY KEY (owner_id),
  CONSTRAINT tenants_by_organisation UNIQUE (organisation)
);
