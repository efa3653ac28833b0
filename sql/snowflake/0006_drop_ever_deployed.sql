-- Whoever still runs a service of the contract 0.1 on this schema stops here, rather than writing rows that
-- the columns of 0.2 are not filled in. What ever_deployed said, deployed_at says: it is filled from the events.
ALTER TABLE deployments DROP COLUMN IF EXISTS ever_deployed;
