-- The taxonomies of what has been registered so far.
INSERT INTO taxonomies (
  taxonomy_key, organisation, environment, name, region, cell, provider, cloud_account_id
)
SELECT found.taxonomy_key, found.organisation, found.environment, found.name, found.region, found.cell,
       found.provider, found.cloud_account_id
FROM (
  SELECT DISTINCT taxonomy_key, organisation, environment, name, COALESCE(region, '') AS region,
         COALESCE(cell, '') AS cell, provider, COALESCE(cloud_account_id, '') AS cloud_account_id
  FROM deployments
) AS found
LEFT JOIN taxonomies ON taxonomies.taxonomy_key = found.taxonomy_key
WHERE taxonomies.taxonomy_key IS NULL;
