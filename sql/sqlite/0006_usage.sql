-- How much each organisation has stored: its deployments, and about how many bytes these and their events take.
-- It is counted along with each change.
CREATE TABLE tenant_usage (
  organisation TEXT PRIMARY KEY,
  deployments  INTEGER NOT NULL,
  bytes        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO tenant_usage (organisation, deployments, bytes)
SELECT organisation, count(*), sum(
         1024 + 384 * revision
         + octet_length(name)
         + octet_length(version)
         + octet_length(environment)
         + coalesce(octet_length(cloud_account_id), 0)
         + coalesce(octet_length(region), 0)
         + coalesce(octet_length(cell), 0)
         + coalesce(octet_length(commit_sha), 0)
         + coalesce(octet_length(description), 0)
         + coalesce(octet_length(notes), 0)
         + coalesce(octet_length(build_uri), 0)
         + coalesce(octet_length(deployment_uri), 0)
         + coalesce(octet_length(resource), 0)
         + coalesce(octet_length(pipeline_extra_params), 0)
         + coalesce(octet_length(created_by_repo), 0)
         + coalesce(octet_length(created_by_workflow), 0)
         + coalesce(octet_length(created_by_actor), 0)
       )
FROM deployments
GROUP BY organisation;

-- What refers to a deployment is looked for when it is removed.
CREATE INDEX deployments_by_source ON deployments (source_deployment_id)
  WHERE source_deployment_id IS NOT NULL;
CREATE INDEX deployments_by_base ON deployments (base_id) WHERE base_id IS NOT NULL;

-- That a version was found bad stays known when the deployment that was rolled back from is removed before
-- others of its version, so it no longer has to be there.
ALTER TABLE rolled_back RENAME TO rolled_back_before;
DROP INDEX rolled_back_by_version;
CREATE TABLE rolled_back (
  deployment_id TEXT NOT NULL,
  taxonomy_key  TEXT NOT NULL,
  version       TEXT NOT NULL,
  deployed_at   TEXT NOT NULL,
  PRIMARY KEY (deployment_id, deployed_at)
) STRICT, WITHOUT ROWID;
INSERT INTO rolled_back (deployment_id, taxonomy_key, version, deployed_at)
SELECT deployment_id, taxonomy_key, version, deployed_at FROM rolled_back_before;
DROP TABLE rolled_back_before;
CREATE INDEX rolled_back_by_version ON rolled_back (taxonomy_key, version, deployed_at);
