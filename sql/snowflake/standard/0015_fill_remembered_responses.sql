-- The owner of those of before is not known, so they answer every caller of their organisation, as they did.
INSERT INTO remembered_responses (
  organisation, idempotency_key, owner, fingerprint, remembered_at, deployment, change_id
)
SELECT before.organisation, before.idempotency_key, '*', before.fingerprint, before.remembered_at,
       before.deployment, before.change_id
FROM idempotency_keys AS before
LEFT JOIN remembered_responses
  ON remembered_responses.organisation = before.organisation
  AND remembered_responses.idempotency_key = before.idempotency_key
  AND remembered_responses.owner = '*'
WHERE remembered_responses.owner IS NULL;
