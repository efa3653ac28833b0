-- Which owner on GitHub has which tenant. A tenant's name stays when its owner gets another login, which is
-- the one that was seen last.
CREATE TABLE tenants (
  owner_id      text           COLLATE "C" PRIMARY KEY,
  organisation  text           COLLATE "C" NOT NULL UNIQUE,
  login         text           COLLATE "C" NOT NULL,
  first_seen_at timestamptz(3) NOT NULL
);
CREATE INDEX tenants_by_login ON tenants (login);

-- The changes of each organisation's policies, each with its event; the last one has all policies.
CREATE TABLE policy_changes (
  organisation text           COLLATE "C" NOT NULL,
  revision     integer        NOT NULL CHECK (revision >= 1),
  name         text           COLLATE "C" NOT NULL,
  occurred_at  timestamptz(3) NOT NULL,
  event        json           NOT NULL,
  policies     json,
  PRIMARY KEY (organisation, revision)
);
CREATE INDEX policy_changes_by_name ON policy_changes (organisation, name, revision);

-- How much each organisation has stored: its deployments, and about how many bytes these and their events take.
-- It is counted along with each change, in any of a few rows, so that changes do not wait for each other.
CREATE TABLE tenant_usage (
  organisation text     COLLATE "C" NOT NULL,
  part         smallint NOT NULL,
  deployments  bigint   NOT NULL,
  bytes        bigint   NOT NULL,
  PRIMARY KEY (organisation, part)
)
WITH (fillfactor = 50);

-- First responses under an Idempotency-Key, kept for a day.
CREATE TABLE idempotency_keys (
  organisation  text           COLLATE "C" NOT NULL,
  owner         text           COLLATE "C" NOT NULL,
  key           text           COLLATE "C" NOT NULL,
  fingerprint   text           NOT NULL,
  remembered_at timestamptz(3) NOT NULL,
  deployment    json           NOT NULL,
  PRIMARY KEY (organisation, key, owner)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (remembered_at);
