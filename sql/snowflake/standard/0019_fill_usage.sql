-- What organisations have stored so far, counted as the service counts it.
INSERT INTO tenant_usage (organisation, part, deployments, bytes, change_id)
SELECT stored.organisation, 0, stored.deployments, stored.bytes, ''
FROM (
  SELECT organisation, COUNT(*) AS deployments, SUM(
           1024 + 384 * revision
           + OCTET_LENGTH(name)
           + OCTET_LENGTH(version)
           + OCTET_LENGTH(environment)
           + COALESCE(OCTET_LENGTH(cloud_account_id), 0)
           + COALESCE(OCTET_LENGTH(region), 0)
           + COALESCE(OCTET_LENGTH(cell), 0)
           + COALESCE(OCTET_LENGTH(commit_sha), 0)
           + COALESCE(OCTET_LENGTH(description), 0)
           + COALESCE(OCTET_LENGTH(notes), 0)
           + COALESCE(OCTET_LENGTH(build_uri), 0)
           + COALESCE(OCTET_LENGTH(deployment_uri), 0)
           + COALESCE(OCTET_LENGTH(resource), 0)
           + COALESCE(OCTET_LENGTH(pipeline_extra_params), 0)
           + COALESCE(OCTET_LENGTH(created_by_repo), 0)
           + COALESCE(OCTET_LENGTH(created_by_workflow), 0)
           + COALESCE(OCTET_LENGTH(created_by_actor), 0)
         ) AS bytes
  FROM deployments
  GROUP BY organisation
) AS stored
LEFT JOIN tenant_usage ON tenant_usage.organisation = stored.organisation
WHERE tenant_usage.organisation IS NULL;
