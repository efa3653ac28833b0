-- In the place of one that began like another.
CREATE INDEX IF NOT EXISTS deployments_in_status ON deployments (status, organisation, created_at, id);
