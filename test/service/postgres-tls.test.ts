import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import { own, startPostgres } from '../postgres/server.js';
import type { PostgresServer } from '../postgres/server.js';
import { optionsFor } from '../postgres/options.js';
import { runStatement } from '../postgres/shared.js';
import { silent } from '../snowflake/support/silent.js';
import { createAuthority } from '../support/private-authority.js';
import type { PrivateAuthority } from '../support/private-authority.js';
import { runCommand } from '../support/run-command.js';
import { handsOver } from './hand-over.js';

describe('PostgreSQL over TLS', () => {
  /** The server as well, by an address that is not in its certificate. */
  const elsewhere = '127.0.0.2';
  let folder: string;
  let authority: PrivateAuthority;
  let server: PostgresServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    authority = await createAuthority(folder);
    server = await startPostgres({
      // Nobody comes in without.
      access: ['hostnossl all all all reject', 'hostssl all all all trust'],
      settings: [
        `listen_addresses=127.0.0.1,${elsewhere}`,
        'ssl=on',
        'ssl_cert_file=../server.crt',
        'ssl_key_file=../server.key',
      ],
      async prepare(data) {
        const { key, cert } = await authority.issue('localhost');
        for (const [name, text] of [
          ['server.key', key],
          ['server.crt', cert],
        ] as const) {
          await writeFile(join(data, name), text, { mode: 0o600 });
          own(join(data, name));
        }
      },
    });
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** How the server is reached, under a name and by a mode. */
  function urlOf(host: string, mode: string, root?: string): string {
    const url = new URL(server.url('postgres'));
    url.hostname = host;
    url.searchParams.set('sslmode', mode);
    if (root !== undefined) url.searchParams.set('sslrootcert', root);
    return url.href;
  }

  it('serves several processes, whose connections all are encrypted', async () => {
    const url = urlOf('localhost', 'verify-full', authority.file);
    await handsOver({ DATABASE_URL: url });
    const { code, stdout } = await runCommand('db-verify', { DATABASE_URL: url });
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/TLS/);
  });

  it('is not entered without, nor where the server cannot show who it is', async () => {
    const stranger = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const { file: unknown } = await createAuthority(stranger);
    const refused: [url: string, why: RegExp][] = [
      [urlOf('localhost', 'disable'), /no pg_hba.conf entry|pg_hba.conf rejects/],
    ];
    for (const mode of ['verify-full', 'require']) {
      // Its authority is nobody that is known, is another one, or it has another name.
      refused.push(
        [urlOf('localhost', mode), /certificate/],
        [urlOf('localhost', mode, unknown), /certificate/],
        [urlOf(elsewhere, mode, authority.file), /certificate's altnames/],
      );
    }
    for (const [url, why] of refused) {
      const failure: unknown = await openPostgresStore(optionsFor(url), silent).then(
        (store) => store.close(),
        (error: unknown) => error,
      );
      expect(failure, url).to.have.property('message').that.matches(why);
    }
    await rm(stranger, { recursive: true });
  });

  it('is entered without a look at the certificate by no-verify alone', async () => {
    const rows = await runStatement(
      urlOf(elsewhere, 'no-verify'),
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    expect(rows).to.deep.equal([{ ssl: true }]);
  });
});
