-- Within a taxonomy, one index instead of three: what waits and what is in progress, by when it was registered, since
-- neither has ended; what ended last; what was deployed last, with the versions, so that those which need no looking at
-- are passed over without reading their rows. What is skipped is looked for by nobody there, so that a release, which
-- may skip many, only takes them out, and what it changes of the index lies together.
DROP INDEX deployments_by_taxonomy;
DROP INDEX deployments_ended;
DROP INDEX deployments_deployed;
CREATE INDEX deployments_by_taxonomy
  ON deployments (taxonomy_key, status, finished_at, created_at, id, version) WHERE status <> 'skipped';
