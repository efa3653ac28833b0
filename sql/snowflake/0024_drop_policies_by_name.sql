-- The key begins with the same column, and an organisation has few policies.
DROP INDEX IF EXISTS policy_changes.policy_changes_by_name;
