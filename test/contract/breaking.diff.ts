import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { releases } from '../../scripts/contract/releases.js';

/** A change of the contract: text that is in it, and what takes its place. */
type Change = readonly [from: string, to: string];

const breaking: Record<string, { change: Change; told: RegExp }> = {
  'a field that is gone from a response': {
    change: [
      "        cell:\n          $ref: '#/components/schemas/NullableLabel'\n          description: The cell.\n",
      '',
    ],
    told: /^GET \/v1\/deployments: removed the .*`items\/cell`/m,
  },
  'a field that a response may leave out': {
    change: ['        - pipeline_extra_params\n', ''],
    told: /the response property `pipeline_extra_params` became optional for the status `201`/,
  },
  'a field of a response that may be null now': {
    change: [
      '        auto: { type: boolean, desc',
      "        auto: { type: [boolean, 'null'], desc",
    ],
    told: /^GET \/v1\/deployments: .*`items\/auto`/m,
  },
  'a parameter that a request must have now': {
    change: [
      '      name: Idempotency-Key\n      in: header\n',
      '      name: Idempotency-Key\n      in: header\n      required: true\n',
    ],
    told: /^POST \/v1\/deployments: the `header` request parameter `idempotency-key` became required/m,
  },
  'a field that a request must have now': {
    change: ['environment, provider, type]', 'environment, provider, type, region]'],
    told: /^POST \/v1\/deployments: the request property `region` became required/m,
  },
  'a value that a request may not have any more': {
    change: ['enum: [k8s, terraform, data_pipeline]', 'enum: [k8s, terraform]'],
    told: /removed the enum value `data_pipeline` of the request property `type`/,
  },
  'a status that a request may not have any more': {
    change: ['deployed, skipped, failed, cancelled]', 'deployed, skipped, cancelled]'],
    told: /removed the enum value `failed` of the request property `status`/,
  },
  'a filter that takes no list any more': {
    change: [
      '            type: array\n' +
        "            items: { $ref: '#/components/schemas/DeploymentStatus' }\n" +
        '            minItems: 1\n            maxItems: 6\n            uniqueItems: true\n',
      "            $ref: '#/components/schemas/DeploymentStatus'\n",
    ],
    told: /^GET \/v1\/deployments: the `query` request parameter `status` was restricted/m,
  },
  'a body that a request must have now': {
    change: [
      '      description: Why; may be left out.\n',
      '      description: Why.\n      required: true\n',
    ],
    told: /^POST \/v1\/deployments\/rollback: request body became required/m,
  },
  'a shorter text': {
    change: ['maxLength: 4096', 'maxLength: 2048'],
    told: /^PATCH \S+: the `notes` request property's maxLength was decreased to `2048`/m,
  },
  'an operation that is gone': {
    change: ['  /v1/deployments/{id}/events:', '  /v1/deployments/{id}/history:'],
    told: /^GET \/v1\/deployments\/\{id\}\/events: /m,
  },
  'a narrower limit': {
    change: ['maximum: 1000', 'maximum: 500'],
    told: /the `query` request parameter `limit`.*max.*`1000.*` to `500/,
  },
};

const harmless: Record<string, Change> = {
  nothing: ['openapi: 3.1.0', 'openapi: 3.1.0'],
  'a further field of a response': [
    '        updated_at: { $ref: ',
    "        released_at: { $ref: '#/components/schemas/Timestamp' }\n        updated_at: { $ref: ",
  ],
  'a further field that a request may have': [
    '        auto:\n          type: boolean\n          default: true',
    '        team: { type: string }\n        auto:\n          type: boolean\n          default: true',
  ],
  'a further status': ['failed, cancelled]', 'failed, cancelled, lost]'],
  'a further cause of an event': [
    '              rejection,\n            ]',
    '              rejection,\n              fate,\n            ]',
  ],
  'a further kind of problem': [
    '            - urn:problem-type:deployment-queue:internal\n',
    '            - urn:problem-type:deployment-queue:internal\n' +
      '            - urn:problem-type:deployment-queue:tired\n',
  ],
  'a further field of an optional body': [
    '        reason:\n',
    "        pin: { type: boolean, default: false, description: 'Keep it.' }\n        reason:\n",
  ],
  'a further refusal': [
    "        '413': {",
    "        '423': { $ref: '#/components/responses/Conflict' }\n        '413': {",
  ],
};

describe('npm run contract:diff', () => {
  let folder: string;
  let released: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-contract-'));
    released = await readFile(releases().at(-1)?.file ?? '', 'utf8');
  });
  after(() => rm(folder, { recursive: true }));

  /** Compares the released contract with a copy of it that has these changes. */
  async function compare(...changes: Change[]) {
    const changed = changes.reduce((text, [from, to]) => {
      expect(text).to.include(from);
      return text.replaceAll(from, to);
    }, released);
    const file = join(folder, 'openapi.yaml');
    await writeFile(file, changed);
    const child = spawn(process.execPath, [
      '--import',
      'tsx/esm',
      'scripts/contract-diff.ts',
      file,
    ]);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, printed };
  }

  for (const [what, { change, told }] of Object.entries(breaking)) {
    it(`fails on ${what}, and says what it is`, async () => {
      const { code, printed } = await compare(change);
      expect(printed).to.match(told);
      expect(code, printed).to.equal(1);
    });
  }

  for (const [what, change] of Object.entries(harmless)) {
    it(`lets ${what} pass`, async () => {
      const { code, printed } = await compare(change);
      expect(code, printed).to.equal(0);
      expect(printed).to.match(/^Nothing in \S+ breaks clients of \S+\n$/);
    });
  }

  it('lets a new major version break what it must, and lists it all the same', async () => {
    const version = releases().at(-1)?.version ?? '';
    const next = `${Number(version.split('.')[0]) + 1}.0.0`;
    const { code, printed } = await compare(
      [`  version: ${version}\n`, `  version: ${next}\n`],
      ['maximum: 1000', 'maximum: 500'],
    );
    expect(printed)
      .to.match(/\blimit\b/)
      .and.match(/[2-9] changes break clients of/);
    expect(code).to.equal(0);
  });

  it('says so when the documents cannot be compared', async () => {
    const { code, printed } = await compare(['openapi: 3.1.0', '{']);
    expect(code, printed).to.equal(2);
  });
});
