import type { Verdict } from './hostile-verdict.js';

const expired = 'The token has expired: request a new one right before it is needed';
const wrongAudience =
  'The token is not for the audience deployment-queue-api: request it with that audience';
const badClaim = (claim: string) => `The token's claim ${claim} is missing or not acceptable`;

/** What an honest issuer has signed: the claims are wrong, and the caller is told which. */
export const claimVerdicts: readonly Verdict[] = [
  {
    detail: expired,
    reason: 'exp check_failed',
    tokens: ['an exp two minutes ago', 'an exp just past the tolerance', 'an exp of zero'],
  },
  {
    detail: expired,
    reason: 'iat check_failed',
    tokens: ['an iat a day ago with an exp ahead'],
  },
  { detail: badClaim('exp'), reason: 'exp missing', tokens: ['no exp'] },
  {
    detail: badClaim('exp'),
    reason: 'exp invalid',
    tokens: ['an exp that is a string', 'an exp that is null'],
  },
  {
    detail: badClaim('nbf'),
    reason: 'nbf check_failed',
    tokens: ['an nbf two minutes ahead'],
  },
  { detail: badClaim('nbf'), reason: 'nbf invalid', tokens: ['an nbf that is a string'] },
  {
    detail: badClaim('iat'),
    reason: 'iat check_failed',
    tokens: ['an iat two minutes ahead'],
  },
  { detail: badClaim('iat'), reason: 'iat invalid', tokens: ['an iat that is a string'] },
  { detail: badClaim('iat'), reason: 'iat missing', tokens: ['no iat'] },
  {
    detail: wrongAudience,
    reason: 'aud check_failed',
    tokens: [
      'an audience of another service',
      'the default audience of GitHub',
      'a list of other audiences',
      'an empty list of audiences',
      'an audience in another case',
      'an audience with ours as a prefix',
      'an audience that is an object',
    ],
  },
  { detail: wrongAudience, reason: 'aud missing', tokens: ['no audience'] },
  {
    detail: badClaim('iss'),
    reason: 'iss check_failed',
    tokens: [
      'the attacker as issuer',
      'an issuer with a slash at its end',
      'an issuer with a path',
      'an issuer in another case',
      'an issuer that is a list',
    ],
  },
  { detail: badClaim('iss'), reason: 'iss missing', tokens: ['no issuer'] },
  {
    detail: "The token's claim repository_owner is missing or no login",
    tokens: [
      'no repository_owner',
      'an empty repository_owner',
      'a repository_owner of spaces',
      'a repository_owner that is a number',
      'a repository_owner that is a list',
      'a repository_owner that is an object',
      'a repository_owner that is null',
      'a repository_owner with a slash',
      'a repository_owner that walks out of a folder',
      'a repository_owner with a line break',
      'a repository_owner in letters that only look like ours',
      'a repository_owner longer than a login can be',
      'a repository_owner whose lower case is a login',
      'a repository_owner in full width',
      'a repository_owner with a dotted capital I',
      'a repository_owner with an id behind it',
    ],
  },
  {
    detail: "The token's claim repository_owner_id is missing or no id",
    tokens: [
      'no repository_owner_id',
      'an empty repository_owner_id',
      'a repository_owner_id that is a number',
      'a repository_owner_id that is null',
      'a repository_owner_id that is a list',
      'a repository_owner_id of zero',
      'a repository_owner_id with a zero in front',
      'a repository_owner_id with a sign',
      'a repository_owner_id with a space',
      'a repository_owner_id with a line break',
      'a repository_owner_id in hexadecimal',
      'a repository_owner_id with an exponent',
      'a repository_owner_id with a fraction',
      'a repository_owner_id in other digits',
      'a repository_owner_id of twenty digits',
    ],
  },
];
