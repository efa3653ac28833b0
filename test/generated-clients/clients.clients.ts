import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadContract } from '../../src/contract/contract.js';
import { packageFile } from '../../src/platform/package-file.js';
import { deploymentBody } from '../support/deployments.js';
import { runService } from '../support/http.js';
import { startLaterService } from '../support/later-service.js';
import { asTheyAre } from './support/client.js';
import type { Generator, Program } from './support/client.js';
import { oapiCodegenForGo, openApiGeneratorForGo } from './support/go.js';
import { openApiGeneratorForJava } from './support/java.js';
import {
  datamodelCodegen,
  openApiGeneratorForPython,
  openApiPythonClient,
} from './support/python.js';
import { ToolMissing } from './support/tools.js';
import { openApiGeneratorForTypeScript } from './support/typescript.js';

/** The contract as docs/GENERATED_CLIENTS.md makes it for generators whose clients refuse unknown values. */
function withoutEnumerations(): unknown {
  return JSON.parse(JSON.stringify(loadContract().document()), (key, value: unknown) =>
    key === 'enum' && Array.isArray(value) ? undefined : value,
  );
}

const generators: readonly Generator[] = [
  openApiGeneratorForPython,
  openApiGeneratorForGo,
  openApiGeneratorForJava,
  openApiGeneratorForTypeScript,
  datamodelCodegen,
  oapiCodegenForGo,
  openApiPythonClient,
];

for (const generator of generators) {
  describe(`the client of ${generator.name}`, function () {
    // Tools are fetched and built, on a machine that may have other work.
    this.timeout(600_000);
    const running = runService();
    let folder = '';
    let program: Program;

    before(async function () {
      folder = await mkdtemp(join(tmpdir(), 'generated-client-'));
      try {
        program = await generator.make(packageFile('openapi.yaml'), folder);
      } catch (error) {
        if (!(error instanceof ToolMissing)) throw error;
        console.error(`SKIPPED ${generator.name}, nothing of it was run: ${error.message}`);
        this.skip();
      }
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it('registers, reads, lists, changes, rolls back, traces, and reads problem details', async () => {
      const { apiUrl, api } = running.service;
      const told = JSON.parse(await program('walk', apiUrl, 'checkout')) as {
        created: { id: string };
        events: readonly (readonly [string | null, string])[];
      };
      const { id } = told.created;
      // Some clear the notes before they read the events, and that is an event without a change of status.
      const events = told.events.filter(([from, to]) => from !== to);
      const { body } = await api.get(`/v1/deployments/${id}`).expect(200);
      expect({ ...told, events }).to.deep.equal({
        base: generator.knowsServer ? 'http://localhost:8000' : null,
        created: { id, status: 'scheduled', cell: null, createdAt: Date.parse(body.created_at) },
        read: id,
        pages: [['2.0.0'], ['1.0.0']],
        deployed: 'deployed',
        cleared: null,
        rollback: { status: 'scheduled', trigger: 'rollback', version: '1.0.0', from: id },
        copiedFrom: ['1.0.0'],
        events: [
          [null, 'scheduled'],
          ['scheduled', 'deployed'],
        ],
        missing: {
          status: 404,
          type: 'urn:problem-type:deployment-queue:deployment-not-found',
          parameter: null,
        },
        invalid: {
          status: 422,
          type: 'urn:problem-type:deployment-queue:contract-violation',
          parameter: 'cursor',
        },
      });
    });

    /** What a program tells of a service that knows more than its contract. */
    async function later(made: Program): Promise<unknown> {
      const { body } = await running.service.api.post('/v1/deployments').send(deploymentBody());
      const service = await startLaterService(running.service.apiUrl);
      try {
        return JSON.parse(await made('later', service.url, String(body.id)));
      } finally {
        await service.stop();
      }
    }

    const { later: expected } = generator;
    if (expected === 'refused') {
      it('refuses values that the contract does not have', async () => {
        expect(await later(program)).to.have.property('refused');
      });

      it('takes them when it is generated without enumerations', async () => {
        const open = join(folder, 'open');
        const contract = join(folder, 'open.json');
        await mkdir(open);
        await writeFile(contract, JSON.stringify(withoutEnumerations()));
        expect(await later(await generator.make(contract, open))).to.deep.equal(asTheyAre);
      });
    } else {
      it('takes values and fields that the contract does not have', async () => {
        expect(await later(program)).to.deep.equal(expected);
      });
    }
  });
}
