import { ApplicationError } from '../../domain/errors.js';
import { looksLikeGitHubToken } from '../../platform/token-formats.js';
import type { VerifyToken } from '../authenticate.js';
import type { FindMembership } from './memberships.js';

/**
 * Verifies a personal access token: its user must be an active member of the organisation that
 * `X-Organisation` names.
 */
export function createPatVerifier(find: FindMembership): VerifyToken {
  return async (token, named, attempt) => {
    const organisation = named();
    if (organisation === undefined) {
      if (!looksLikeGitHubToken(token)) {
        const detail =
          'The token is neither the OIDC token of a GitHub Actions job nor one that GitHub gives to people';
        throw new ApplicationError('unauthenticated', detail);
      }
      throw new ApplicationError(
        'organisation-required',
        'A personal access token needs the header X-Organisation, with the GitHub organisation',
      );
    }
    const result = await find(token, organisation.login, attempt.admit);
    switch (result.kind) {
      case 'member':
        return {
          owner: result.owner,
          actor: result.login,
          repository: null,
          workflow: null,
          source: 'pat',
          role: result.role,
        };
      case 'unknown-token':
        throw new ApplicationError('unauthenticated', result.detail);
      case 'no-member':
        throw new ApplicationError('forbidden', result.detail, {
          ...(result.reason !== undefined && { reason: `GitHub: ${result.reason}` }),
        });
      case 'unavailable': {
        const { retryAfter, limited } = result;
        // To GitHub, too many unknown tokens are a rate that it limits, whatever it says of each.
        if (limited) attempt.failed();
        const why = limited ? 'GitHub limits how often it may be asked' : 'GitHub is out of reach';
        const detail = `${why}; try again in ${retryAfter} seconds`;
        throw new ApplicationError('unavailable', detail, { retryAfter });
      }
    }
  };
}
