-- Every taxonomy that has ever had a deployment, so that what runs where is listed without a walk through all of
-- them. Absent parts are empty, so that one order serves all. A row stays when the deployments are removed.
CREATE HYBRID TABLE IF NOT EXISTS taxonomies (
  taxonomy_key     VARCHAR(43)  NOT NULL,
  organisation     VARCHAR(255) NOT NULL,
  environment      VARCHAR(255) NOT NULL,
  name             VARCHAR(255) NOT NULL,
  region           VARCHAR(255) NOT NULL,
  cell             VARCHAR(255) NOT NULL,
  provider         VARCHAR(16)  NOT NULL,
  cloud_account_id VARCHAR(255) NOT NULL,
  CONSTRAINT taxonomies_key PRIMARY KEY (taxonomy_key),
  INDEX taxonomies_in_order (organisation, environment, name)
);
