-- Every taxonomy that has ever had a deployment, so that what runs where is listed without a walk through all of
-- them. Absent parts are empty, so that one order serves all. A row stays when the deployments are removed.
CREATE TABLE taxonomies (
  taxonomy_key     TEXT PRIMARY KEY,
  organisation     TEXT NOT NULL,
  environment      TEXT NOT NULL,
  name             TEXT NOT NULL,
  region           TEXT NOT NULL,
  cell             TEXT NOT NULL,
  provider         TEXT NOT NULL,
  cloud_account_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO taxonomies (
  taxonomy_key, organisation, environment, name, region, cell, provider, cloud_account_id
)
SELECT taxonomy_key, organisation, environment, name, coalesce(region, ''), coalesce(cell, ''), provider,
       coalesce(cloud_account_id, '')
FROM deployments;

-- In the order in which they are listed, with all parts that a list may be narrowed by.
CREATE INDEX taxonomies_in_order
  ON taxonomies (organisation, environment, name, region, cell, provider, cloud_account_id);
CREATE INDEX taxonomies_by_name
  ON taxonomies (organisation, name, environment, region, cell, provider, cloud_account_id);
