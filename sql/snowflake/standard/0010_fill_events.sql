-- Each event of before was a registration, or a change of status.
UPDATE deployment_events
SET type = CASE WHEN from_status IS NULL THEN 'registered' ELSE 'changed' END,
    changed = CASE WHEN from_status IS NULL THEN '[]' ELSE '["status"]' END
WHERE type IS NULL;
