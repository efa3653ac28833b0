-- Instants are timestamptz with the contract's milliseconds, ids are uuid: half the size of their texts in every
-- index. Texts that are compared or ordered have the collation "C", which is their order everywhere.

-- Deployments. Columns stand in the order of the contract; the last three are the service's own. commit_at is what
-- a caller says, of any year that the contract has, and nothing is ordered by it.
CREATE TABLE deployments (
  id                          uuid           PRIMARY KEY,
  created_at                  timestamptz(3) NOT NULL,
  updated_at                  timestamptz(3) NOT NULL,
  started_at                  timestamptz(3),
  finished_at                 timestamptz(3),
  deployed_at                 timestamptz(3),
  organisation                text           COLLATE "C" NOT NULL,
  name                        text           COLLATE "C" NOT NULL,
  version                     text           COLLATE "C" NOT NULL,
  environment                 text           COLLATE "C" NOT NULL,
  provider                    text           COLLATE "C" NOT NULL,
  cloud_account_id            text           COLLATE "C",
  region                      text           COLLATE "C",
  cell                        text           COLLATE "C",
  type                        text           NOT NULL,
  auto                        boolean        NOT NULL,
  commit_sha                  text,
  commit_at                   text,
  description                 text,
  notes                       text,
  build_uri                   text,
  deployment_uri              text,
  resource                    text,
  pipeline_extra_params       text,
  status                      text           COLLATE "C" NOT NULL,
  trigger                     text           COLLATE "C" NOT NULL,
  source_deployment_id        uuid           REFERENCES deployments (id),
  rollback_from_deployment_id uuid           REFERENCES deployments (id),
  created_by_repo             text,
  created_by_workflow         text,
  created_by_actor            text,
  -- One value for the seven parts of the taxonomy: NULL parts compare equal through it.
  taxonomy_key                text           COLLATE "C" NOT NULL,
  revision                    integer        NOT NULL,
  -- For a rollback, the first of those that it was copied from, one after the other.
  base_id                     uuid           REFERENCES deployments (id)
);

-- Lists: newest first within an organisation, for each filter that leaves few rows.
CREATE INDEX deployments_by_age ON deployments (organisation, created_at, id);
CREATE INDEX deployments_by_status ON deployments (organisation, status, created_at, id);
CREATE INDEX deployments_by_name ON deployments (organisation, name, created_at, id);
CREATE INDEX deployments_by_version ON deployments (organisation, version, created_at, id);
CREATE INDEX deployments_by_environment ON deployments (organisation, environment, created_at, id);
CREATE INDEX deployments_by_cloud_account_id ON deployments (organisation, cloud_account_id, created_at, id)
  WHERE cloud_account_id IS NOT NULL;
CREATE INDEX deployments_by_region ON deployments (organisation, region, created_at, id)
  WHERE region IS NOT NULL;
CREATE INDEX deployments_by_cell ON deployments (organisation, cell, created_at, id)
  WHERE cell IS NOT NULL;

-- Within a taxonomy: what waits and what is in progress; what ended last of what began; what was deployed last;
-- versions; and the rollbacks from a deployment.
CREATE INDEX deployments_by_taxonomy ON deployments (taxonomy_key, status, created_at, id);
CREATE INDEX deployments_ended ON deployments (taxonomy_key, finished_at, created_at, id)
  WHERE status IN ('deployed', 'failed', 'cancelled') AND started_at IS NOT NULL;
CREATE INDEX deployments_deployed ON deployments (taxonomy_key, deployed_at, created_at, id)
  WHERE status = 'deployed';
CREATE INDEX deployments_of_version ON deployments (taxonomy_key, version, created_at, id)
  WHERE deployed_at IS NOT NULL;
CREATE INDEX deployments_by_replaced ON deployments (rollback_from_deployment_id, created_at, id)
  WHERE rollback_from_deployment_id IS NOT NULL;

-- What refers to a deployment is looked for when it is removed.
CREATE INDEX deployments_by_source ON deployments (source_deployment_id)
  WHERE source_deployment_id IS NOT NULL;
CREATE INDEX deployments_by_base ON deployments (base_id) WHERE base_id IS NOT NULL;

-- What waits and what runs, by environment: for the metrics, for who excludes whom, and for workers, who look for
-- what is auto. Few rows are in it, however many are done.
CREATE INDEX deployments_in_queue
  ON deployments (organisation, environment, status, auto, taxonomy_key, created_at, id)
  WHERE status IN ('scheduled', 'in_progress');

-- The history of each deployment; rows are only ever added. A revision has one event, so no change can
-- overwrite another unseen.
CREATE TABLE deployment_events (
  deployment_id       uuid           NOT NULL REFERENCES deployments (id),
  revision            integer        NOT NULL,
  type                text           NOT NULL,
  occurred_at         timestamptz(3) NOT NULL,
  from_status         text           COLLATE "C",
  to_status           text           COLLATE "C" NOT NULL,
  changed             text[]         NOT NULL,
  cause               text           NOT NULL,
  cause_deployment_id uuid,
  reason              text,
  actor               text,
  actor_id            text,
  repository          text,
  repository_id       text,
  workflow            text,
  ref                 text,
  commit_sha          text,
  run_id              text,
  run_attempt         text,
  PRIMARY KEY (deployment_id, revision)
);

-- Deployments that were deployed over more waiting ones than are skipped at once, until all of those are
-- skipped; since is when it was deployed.
CREATE TABLE skipping (
  deployment_id uuid           PRIMARY KEY REFERENCES deployments (id),
  taxonomy_key  text           COLLATE "C" NOT NULL,
  since         timestamptz(3) NOT NULL
);
CREATE INDEX skipping_by_taxonomy ON skipping (taxonomy_key, since);

-- Deployments that have been rolled back from, which may be gone: a look at this says whether a version was found
-- bad. deployed_at is when the deployment had been deployed.
CREATE TABLE rolled_back (
  deployment_id uuid           NOT NULL,
  taxonomy_key  text           COLLATE "C" NOT NULL,
  version       text           COLLATE "C" NOT NULL,
  deployed_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (deployment_id, deployed_at)
);
CREATE INDEX rolled_back_by_version ON rolled_back (taxonomy_key, version, deployed_at);

-- Every taxonomy that has ever had a deployment, so that what runs where is listed without a walk through all of
-- them. Absent parts are empty, so that one order serves all. A row stays when the deployments are removed.
CREATE TABLE taxonomies (
  taxonomy_key     text COLLATE "C" PRIMARY KEY,
  organisation     text COLLATE "C" NOT NULL,
  environment      text COLLATE "C" NOT NULL,
  name             text COLLATE "C" NOT NULL,
  region           text COLLATE "C" NOT NULL,
  cell             text COLLATE "C" NOT NULL,
  provider         text COLLATE "C" NOT NULL,
  cloud_account_id text COLLATE "C" NOT NULL
);

-- In the order in which they are listed, with all parts that a list may be narrowed by.
CREATE INDEX taxonomies_in_order
  ON taxonomies (organisation, environment, name, region, cell, provider, cloud_account_id);
CREATE INDEX taxonomies_by_name
  ON taxonomies (organisation, name, environment, region, cell, provider, cloud_account_id);
