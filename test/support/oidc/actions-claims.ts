import { randomUUID } from 'node:crypto';

/** Claims to set on a token; a member that is `undefined` leaves the claim out. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * The claims of a token as GitHub Actions gives it to a job on the main branch of `acme/shop`.
 *
 * Names, value types (the numbers are strings) and life time (valid from ten minutes before `iat` until five
 * minutes after) follow the example token in GitHub's documentation,
 * https://docs.github.com/en/actions/concepts/security/openid-connect and
 * https://docs.github.com/en/actions/reference/security/oidc.
 */
export function actionsClaims(issuer: string, now: number): Record<string, unknown> {
  return {
    jti: randomUUID(),
    sub: 'repo:acme/shop:ref:refs/heads/main',
    aud: 'deployment-queue-api',
    iss: issuer,
    ref: 'refs/heads/main',
    ref_type: 'branch',
    base_ref: '',
    head_ref: '',
    sha: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
    repository: 'acme/shop',
    repository_id: '74',
    repository_owner: 'acme',
    repository_owner_id: '65',
    repository_visibility: 'private',
    run_id: '1658821493',
    run_number: '10',
    run_attempt: '2',
    runner_environment: 'github-hosted',
    actor: 'octocat',
    actor_id: '12',
    workflow: 'deploy',
    workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
    workflow_sha: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
    job_workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
    job_workflow_sha: '2f4a0b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
    event_name: 'push',
    iat: now,
    nbf: now - 600,
    exp: now + 300,
  };
}

/** What the token of another job says of it: one that releases a tag of `acme/checkout`. */
export const releaseClaims = {
  actor: 'octocat',
  actor_id: '583231',
  repository: 'acme/checkout',
  repository_id: '1296269',
  workflow: 'release',
  ref: 'refs/tags/v1',
  sha: '4f0c6b1c8f6f4c2a9f3d1e7b5a8c9d0e1f2a3b4c',
  run_id: '1001',
  run_attempt: '2',
};

/** Whole seconds since the epoch, the unit of `iat`, `nbf` and `exp` (RFC 7519, section 2). */
export function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
