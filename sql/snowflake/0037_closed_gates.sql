-- Which gates stood closed at an event: a list, as JSON. Locks and freezes are kept beside the policies:
-- policy_changes.policies is a list of those, or an object of all three once there is a gate.
ALTER TABLE deployment_events ADD COLUMN
  IF NOT EXISTS gates VARCHAR;
