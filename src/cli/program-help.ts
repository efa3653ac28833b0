import { exitCodeMeanings, exitCodes } from './failure.js';
import { helpList, helpText } from './help.js';

const variables = [
  ['DEPLOYMENT_QUEUE_URL', 'as --url, which wins; so with the others'],
  ['DEPLOYMENT_QUEUE_ORGANISATION', 'as --organisation; not needed with an OIDC token'],
  ['DEPLOYMENT_QUEUE_AUTH', 'as --auth'],
  ['DEPLOYMENT_QUEUE_AUDIENCE', 'as --audience; deployment-queue-api unless set'],
  [
    'DEPLOYMENT_QUEUE_RETRY_TIMEOUT',
    'as --retry-timeout: how long to try again while the service is out of reach; 1m unless set',
  ],
  ['DEPLOYMENT_QUEUE_ALLOW_INSECURE_HTTP', 'as --allow-insecure-http; true or false'],
  ['DEPLOYMENT_QUEUE_TOKEN', 'a GitHub token of a person, or else'],
  ['GITHUB_TOKEN', 'one that is used where no OIDC token can be had'],
  ['HTTPS_PROXY, HTTP_PROXY', 'proxies, and in NO_PROXY the hosts that need none'],
  ['NODE_EXTRA_CA_CERTS', 'a file with certificates of authorities of your own'],
  [
    'DEPLOYMENT_QUEUE_CONFIG',
    'the file that login writes; deployment-queue/config.json in ~/.config (XDG_CONFIG_HOME, APPDATA) unless set',
  ],
  ['NO_COLOR, FORCE_COLOR', 'no colours, or colours also where no terminal is'],
] as const;

const authentication = `Authentication (--auth auto, unless set): DEPLOYMENT_QUEUE_TOKEN if it is set; in a GitHub Actions job with "permissions: id-token: write" the OIDC token of the job; what login wrote down for this service; GITHUB_TOKEN with an organisation; none for a service on this machine. The GITHUB_TOKEN that Actions makes for each job (ghs_...) belongs to nobody and is never sent. "actions", "token" and "none" insist on one of these ways. There is no option for the token, since other users of a machine can read command lines.`;

const examples = `
Examples:
  deployment-queue login
  deployment-queue status --environment production
  deployment-queue create --name checkout --version 1.4.0 \\
    --environment production --provider gcp --type k8s
  deployment-queue list --environment production --status scheduled
  deployment-queue release --name checkout \\
    --environment production --provider gcp
  deployment-queue wait 4c3d2e1f --for deployed --timeout 20m
  deployment-queue rollback --name checkout \\
    --environment production --provider gcp
  deployment-queue policy check --action configure`;

/** What the program's help says beside its commands and options: settings, exit codes, examples. */
export function programHelp(width: number): string {
  const codes = new Map<string, number>(Object.entries(exitCodes));
  return [
    helpList('Environment', variables, width),
    helpText(authentication, width),
    helpList(
      'Exit codes',
      Object.entries(exitCodeMeanings).map(([outcome, meaning]) => [
        String(codes.get(outcome)),
        meaning,
      ]),
      width,
    ),
    examples,
  ].join('\n');
}
