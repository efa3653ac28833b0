-- In the place of one that began like another.
CREATE INDEX IF NOT EXISTS deployments_named ON deployments (name, organisation, created_at, id);
