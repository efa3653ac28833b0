-- Who has approved a deployment: a list, as JSON. Columns that are added cannot be NOT NULL where there are rows.
ALTER TABLE deployments ADD COLUMN
  IF NOT EXISTS approvals VARCHAR;
