/** What GitHub says when it does not say whether a token's user is a member. */
export interface GitHubRefusal {
  readonly status: number;
  readonly headers: Headers;
  readonly message: string;
}

/** Why a token does not get in, for its owner, with what to do; and for the log where GitHub's words are new. */
export interface Barrier {
  readonly detail: string;
  readonly reason?: string;
}

/**
 * By GitHub's words, the first that fits: why it does not tell. docs/AUTHENTICATION.md has the same table.
 * GitHub gives such refusals no code, so that their words are all there is to know them by.
 */
const barriers: readonly (readonly [
  words: RegExp,
  sentence: (organisation: string, match: RegExpExecArray) => string,
])[] = [
  [
    /account (?:is|was|has been) suspended/i,
    () => "GitHub has suspended the token's account: turn to the support of GitHub",
  ],
  [
    /lifetime is greater than (\d{1,5}) days/i,
    (organisation, [, days]) =>
      `${organisation}, or its enterprise, takes no token with a lifetime of more than ${days} days: ` +
      "shorten it in GitHub's settings of the token, or make a new one",
  ],
  [/SAML/i, wantsSingleSignOn],
  [
    /OAuth App access restrictions/i,
    (organisation) =>
      `${organisation} restricts OAuth apps, and has not approved the one that the token is of: an ` +
      'owner of it can, or use a personal access token',
  ],
  [
    /IP allow list/i,
    (organisation) =>
      `${organisation} has an IP allow list on which this service's address is not: an owner of it can add it`,
  ],
  [
    /forbids access via a personal access tokens? \(classic\)/i,
    (organisation) =>
      `${organisation}, or its enterprise, forbids classic personal access tokens: use a fine-grained one`,
  ],
  [
    /forbids access via a fine-grained personal access token/i,
    (organisation) =>
      `${organisation}, or its enterprise, forbids fine-grained personal access tokens: use a classic ` +
      'one, or ask an owner of it',
  ],
  [
    /at least \S+ scope/i,
    () => "The token lacks the scope read:org: add it in GitHub's settings of the token",
  ],
  [
    /not accessible by personal access token/i,
    (organisation) =>
      `The token lacks the organisation permission "Members: read" of ${organisation}: make it with ` +
      `${organisation} as its resource owner and this permission; an owner may have to approve it`,
  ],
  [
    /not accessible by integration/i,
    (organisation) =>
      'The GitHub App that the token is of lacks the organisation permission "Members: read", or is not ' +
      `installed in ${organisation}: an owner of it can change both`,
  ],
];

/**
 * What to tell the owner of a token that GitHub refuses to tell about: in words of our own, since GitHub's
 * may name addresses, ids and other organisations.
 *
 * @param organisation the one that was asked for
 */
export function explainRefusal(refusal: GitHubRefusal, organisation: string): Barrier {
  const { status, headers, message } = refusal;
  // Single sign-on may hide behind a 404. The header has a link or ids, neither of which is handed on.
  if (headers.has('x-github-sso')) return { detail: wantsSingleSignOn(organisation) };
  if (status === 404) {
    return {
      detail:
        "The token's user is not a member of the organisation, or the token may not tell: a classic " +
        'token needs the scope read:org, a fine-grained one the organisation permission ' +
        `"Members: read" of ${organisation}`,
    };
  }
  for (const [words, sentence] of barriers) {
    const match = words.exec(message);
    if (match !== null) return { detail: sentence(organisation, match) };
  }
  return {
    detail:
      `GitHub refuses to tell whether the token's user is a member of ${organisation}, for a reason ` +
      `that is new to this service: "gh api /user/memberships/orgs/${organisation}" with the same token shows it`,
    reason: gistOf(message),
  };
}

function wantsSingleSignOn(organisation: string): string {
  return (
    `${organisation} wants single sign-on, and the token is not authorised for it: choose "Configure ` +
    'SSO" in GitHub\'s settings of the token; the token of an app is made anew after signing in to it'
  );
}

/** A word without anything in it of which addresses, ids, links and tokens are made. */
const plainWord = /^\(?[A-Za-z]{1,20}(?:['-][A-Za-z]{1,20})*\)?[.,;:!?]?$/;
const maxWords = 30;

/** What is left of GitHub's words when all but plain ones are taken out. */
function gistOf(message: string): string {
  const words = message.slice(0, 1_000).split(/\s+/).slice(0, maxWords);
  return words.map((word) => (plainWord.test(word) ? word : '…')).join(' ');
}
