-- Who has approved a deployment, and which gates stood closed at an event: lists, as JSON. Locks and freezes are kept
-- beside the policies: policy_changes.policies is a list of those, or an object of all three once there is a gate.
ALTER TABLE deployments ADD COLUMN approvals TEXT NOT NULL DEFAULT '[]';
ALTER TABLE deployment_events ADD COLUMN gates TEXT NOT NULL DEFAULT '[]';
