import { randomStatelessInstallationToken, randomToken } from './github/github-tokens.js';

/** Tokens that are good on their own, and rubbish. */
export interface Good {
  readonly jwt: string;
  readonly pat: string;
  readonly expired: string;
}
type Row = readonly [what: string, headers: (good: Good) => readonly string[]];

const authorization = (value: string) => `Authorization: ${value}`;
const bearer = (token: string) => [authorization(`Bearer ${token}`)];
const acme = 'X-Organisation: acme';
/** Text as the bytes of its UTF-8, which is how a client sends what is beyond ASCII. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const installation = randomToken('installation');
const stateless = randomStatelessInstallationToken();

/** Rows by what they are told, none of which makes the service ask GitHub. */
export const told: readonly (readonly [
  detail: string,
  status: number,
  code: string,
  rows: readonly Row[],
])[] = [
  [
    'Authentication is required: send Authorization: Bearer <token>, with the OIDC token of a ' +
      'GitHub Actions job, or with a personal access token and X-Organisation',
    401,
    'unauthenticated',
    [
      ['no Authorization', () => [acme]],
      ['the token for a proxy', ({ jwt }) => [`Proxy-Authorization: Bearer ${jwt}`]],
      ['the token in a cookie', ({ jwt }) => [`Cookie: Authorization=Bearer ${jwt}`]],
      ['the token under a name of its own', ({ pat }) => [`X-GitHub-Token: ${pat}`, acme]],
      ['an organisation that is none', () => ['X-Organisation: ../..']],
    ],
  ],
  [
    'The Authorization header is not of the form "Bearer <token>", sent once and with one token',
    401,
    'unauthenticated',
    [
      ['an empty Authorization', () => [authorization('')]],
      ['a blank Authorization', () => [authorization(' \t ')]],
      ['Bearer alone', () => [authorization('Bearer')]],
      ['Bearer and spaces', () => [authorization('Bearer    ')]],
      ['a token alone', ({ jwt }) => [authorization(jwt)]],
      ['Basic', ({ pat }) => [authorization(`Basic ${btoa(`mona:${pat}`)}`), acme]],
      ['Basic with the token as it is', ({ pat }) => [authorization(`Basic ${pat}`), acme]],
      ['the scheme "token"', ({ pat }) => [authorization(`token ${pat}`), acme]],
      ['Digest', () => [authorization('Digest username="mona", realm="x", response="y"')]],
      ['DPoP', ({ jwt }) => [authorization(`DPoP ${jwt}`)]],
      ['no space after Bearer', ({ jwt }) => [authorization(`Bearer${jwt}`)]],
      ['a tab after Bearer', ({ jwt }) => [authorization(`Bearer\t${jwt}`)]],
      ['a colon after Bearer', ({ jwt }) => [authorization(`Bearer: ${jwt}`)]],
      ['Bearer twice', ({ jwt }) => [authorization(`Bearer Bearer ${jwt}`)]],
      ['two tokens', ({ jwt }) => bearer(`${jwt} ${jwt}`)],
      ['two tokens with a comma', ({ jwt }) => bearer(`${jwt},${jwt}`)],
      ['two credentials', ({ jwt, pat }) => [...bearer(`${pat}, Bearer ${jwt}`), acme]],
      ['a parameter', ({ jwt }) => bearer(`${jwt}; charset=utf-8`)],
      ['a token in quotes', ({ jwt }) => bearer(`"${jwt}"`)],
      ['a token in angle brackets', ({ jwt }) => bearer(`<${jwt}>`)],
      ['a token with a space in it', ({ pat }) => [...bearer(pat.replace('_', '_ ')), acme]],
      ['a token with a tab in it', ({ pat }) => [...bearer(pat.replace('_', '\t_')), acme]],
      ['a token with %00', ({ pat }) => [...bearer(`${pat}%00`), acme]],
      ['a token with a line break of URLs', ({ pat }) => [...bearer(`${pat}%0d%0aX: y`), acme]],
      ['a token with a letter beyond ASCII', ({ pat }) => [...bearer(`${pat}é`), acme]],
      ['a token that ends in a soft hyphen', ({ jwt }) => bearer(`${jwt}\u00ad`)],
      ['a token with = in the middle', ({ jwt }) => bearer(jwt.replace('.', '=.'))],
      ['a token with a NUL written out', ({ pat }) => [...bearer(`${pat}\\0`), acme]],
      ['nothing but =', () => bearer('==')],
      ['a shell variable that was not replaced', () => bearer('${GITHUB_TOKEN}')],
      ['a template that was not replaced', () => bearer('{{secrets.TOKEN}}')],
      ['a bad Authorization before a good one', ({ jwt }) => ['Authorization: x', ...bearer(jwt)]],
      ['a bad Authorization after a good one', ({ jwt }) => [...bearer(jwt), 'Authorization: x']],
      ['an empty Authorization after a good one', ({ jwt }) => [...bearer(jwt), authorization('')]],
      ['an empty Authorization before a good one', (g) => [authorization(''), ...bearer(g.jwt)]],
      ['the same good Authorization twice', ({ jwt }) => [...bearer(jwt), ...bearer(jwt)]],
      ['two good ones of different kinds', (g) => [...bearer(g.jwt), ...bearer(g.pat), acme]],
      [
        'an expired Authorization before a good one',
        (g) => [...bearer(g.expired), ...bearer(g.jwt)],
      ],
    ],
  ],
  [
    'An installation token, such as GITHUB_TOKEN in GitHub Actions, does not say who you are: ' +
      'give the job "permissions: id-token: write" and send its OIDC token',
    401,
    'unauthenticated',
    [
      ['an installation token', () => [...bearer(installation), acme]],
      ['an installation token alone', () => bearer(installation)],
      ['an installation token with dots', () => [...bearer(stateless), acme]],
      ['an OIDC token behind ghs_', ({ jwt }) => bearer(`ghs_${jwt}`)],
      ['ghs_ alone', () => bearer('ghs_')],
    ],
  ],
  [
    'The token is not one that the trusted issuer has signed for this use',
    401,
    'unauthenticated',
    [
      ['the header of a JWT', ({ jwt }) => [...bearer(jwt.slice(0, jwt.indexOf('.'))), acme]],
      ['what begins like a JWT', () => [...bearer('eyJ'), acme]],
      ['a dot', () => [...bearer('.'), acme]],
      ['a PAT with a dot in front', ({ pat }) => [...bearer(`.${pat}`), acme]],
      ['a host name', () => [...bearer('api.github.com'), acme]],
      ['a JWT with doubled dots', ({ jwt }) => bearer(jwt.replace(/\./g, '..'))],
      ['a JWT in upper case', ({ jwt }) => bearer(jwt.toUpperCase())],
      ['a JWT behind a slash', ({ jwt }) => bearer(`/${jwt}`)],
    ],
  ],
  [
    'A personal access token needs the header X-Organisation, with the GitHub organisation',
    400,
    'organisation-required',
    [
      ['a PAT alone', ({ pat }) => bearer(pat)],
      ['a PAT of before 2021 alone', () => bearer('0123456789abcdef'.repeat(3).slice(0, 40))],
      ['an OIDC token behind ghp_', ({ jwt }) => bearer(`ghp_${jwt}`)],
      ['an OIDC token behind gho_', ({ jwt }) => bearer(`gho_${jwt}`)],
      ['an OIDC token behind ghu_', ({ jwt }) => bearer(`ghu_${jwt}`)],
      ['an OIDC token behind ghr_', ({ jwt }) => bearer(`ghr_${jwt}`)],
      ['an OIDC token behind github_pat_', ({ jwt }) => bearer(`github_pat_${jwt}`)],
    ],
  ],
  [
    'The token is neither the OIDC token of a GitHub Actions job nor one that GitHub gives to people',
    401,
    'unauthenticated',
    [
      ['a word alone', () => bearer('invalid')],
      ['a PAT behind a letter', ({ pat }) => bearer(`x${pat}`)],
      ['39 hexadecimal digits', () => bearer('a'.repeat(39))],
    ],
  ],
  [
    "X-Organisation must be a GitHub organisation's login (letters, digits and inner hyphens), or login~id",
    422,
    'contract-violation',
    [
      ['X-Organisation twice', ({ pat }) => [...bearer(pat), acme, 'X-Organisation: globex']],
      ['the same X-Organisation twice', ({ pat }) => [...bearer(pat), acme, acme]],
      ['an empty X-Organisation', ({ pat }) => [...bearer(pat), 'X-Organisation:']],
      ['a list as X-Organisation', ({ pat }) => [...bearer(pat), 'X-Organisation: acme, globex']],
      ['a path as X-Organisation', ({ pat }) => [...bearer(pat), 'X-Organisation: ../../user']],
      ['%2e as X-Organisation', ({ pat }) => [...bearer(pat), 'X-Organisation: %2e%2e']],
      ['a query in X-Organisation', ({ pat }) => [...bearer(pat), 'X-Organisation: acme?x=1']],
      ['a token as X-Organisation', ({ pat }) => [...bearer(pat), `X-Organisation: ${pat}`]],
      ['the sign for Kelvin', ({ pat }) => [...bearer(pat), utf8('X-Organisation: \u212aelvin')]],
      ['letters in full width', ({ pat }) => [...bearer(pat), utf8('X-Organisation: \uff41cme')]],
      ['a dotted capital I', ({ pat }) => [...bearer(pat), utf8('X-Organisation: \u0130nitech')]],
      ['a login with a tilde', ({ pat }) => [...bearer(pat), 'X-Organisation: acme~']],
      ['an id without a login', ({ pat }) => [...bearer(pat), 'X-Organisation: ~65']],
      ['an id that is no number', ({ pat }) => [...bearer(pat), 'X-Organisation: acme~x']],
      ['an id of zero', ({ pat }) => [...bearer(pat), 'X-Organisation: acme~0']],
      ['an id with a zero in front', ({ pat }) => [...bearer(pat), 'X-Organisation: acme~065']],
      [
        'an id of twenty digits',
        (g) => [...bearer(g.pat), `X-Organisation: acme~${'9'.repeat(20)}`],
      ],
      ['two ids', ({ pat }) => [...bearer(pat), 'X-Organisation: acme~65~66']],
    ],
  ],
];

/** Rows that Node itself refuses, before the service sees anything of them. */
export const unread: readonly (readonly [status: number, ...Row])[] = [
  [400, 'a NUL in the token', ({ pat }) => [...bearer(`${pat}\0`), acme]],
  [400, 'a NUL in X-Organisation', ({ pat }) => [...bearer(pat), `${acme}\0`]],
  [400, 'a space before the name', ({ jwt }) => [` Authorization: Bearer ${jwt}`]],
  [400, 'a space after the name', ({ jwt }) => [`Authorization : Bearer ${jwt}`]],
  [400, 'a line that is folded', ({ jwt }) => ['Authorization: Bearer\r\n ' + jwt]],
  [400, 'a bare line feed', ({ jwt }) => ['Authorization: Bearer\nX: ' + jwt]],
  [431, 'a token of twenty thousand characters', () => bearer('a'.repeat(20_000))],
];
