import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandLine, environmentOf, rowsOf } from '../support/command-line.js';
import { runService } from '../support/http.js';

describe('deployment-queue policy', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), 'policy', ...argv);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
  });
  after(() => rm(folder, { recursive: true }));

  const production = {
    scope: { environment: 'production', cell: null },
    rules: [
      { who: { job: { repository: 'acme/checkout', ref: 'refs/heads/main' } }, may: ['start'] },
      { who: { person: { role: 'admin' } }, may: ['start', 'cancel'] },
    ],
  };
  const file = async (content: unknown): Promise<string> => {
    const path = join(folder, 'policy.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const set = async (content: unknown, ...more: string[]) =>
    run('set', 'production', '--file', await file(content), ...more);

  it('sets a policy, and shows it', async () => {
    const { code, stdout, stderr } = await set(production);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout)
      .to.match(/^name +production$/m)
      .and.match(/^etag +"1-/m);
    const shown = await run('get', 'production');
    expect(shown).to.deep.equal({ code: 0, stdout, stderr: '' });
    expect(rowsOf(stdout.split('\n\n')[1] ?? '')).to.deep.equal([
      {
        POLICY: 'production',
        SCOPE: 'environment=production, cell=none',
        RULE: '0',
        WHO: 'job repository=acme/checkout, ref=refs/heads/main',
        MAY: 'start',
      },
      {
        POLICY: 'production',
        SCOPE: 'environment=production, cell=none',
        RULE: '1',
        WHO: 'person role=admin',
        MAY: 'start, cancel',
      },
    ]);
  });

  it('takes what get --json prints, also before the command', async () => {
    await set(production);
    const { stdout } = await commandLine(
      environmentOf(running),
      '--json',
      'policy',
      'get',
      'production',
    );
    const again = await set(stdout, '--json');
    expect(again.code).to.equal(0);
    expect(JSON.parse(again.stdout)).to.deep.equal(JSON.parse(stdout));
  });

  it('lists all policies, and says when there are none', async () => {
    expect(await run('list')).to.deep.include({ code: 0, stdout: '' });
    await set(production);
    expect(rowsOf((await run('list')).stdout)).to.have.length(2);
    expect(JSON.parse((await run('list', '--json')).stdout)).to.have.length(1);
  });

  it('changes one only on top of what the caller has seen', async () => {
    await set(production);
    const lost = await set({ ...production, scope: {} }, '--if-match', '"9-x"');
    expect(lost.code).to.equal(5);
    const kept = await run('delete', 'production', '--if-match', '"9-x"');
    expect(kept.code).to.equal(5);
  });

  it('deletes one, and still shows its events', async () => {
    await set(production);
    expect(await run('delete', 'production')).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'The policy production is deleted.\n',
    });
    expect((await run('get', 'production')).code).to.equal(4);
    const events = rowsOf((await run('events', 'production')).stdout);
    expect(events.map(({ WHAT }) => WHAT)).to.deep.equal(['created', 'deleted']);
  });

  it('explains who may do what', async () => {
    await set(production);
    const place = ['--name=checkout', '--environment=production', '--provider=gcp'];
    const job = ['--job', 'repository=acme/checkout', '--job', 'ref=refs/heads/main'];
    const allowed = await run('check', '--action=start', ...place, ...job);
    expect(allowed.code).to.equal(0);
    expect(allowed.stdout)
      .to.match(/^allowed +true$/m)
      .and.match(/^rule +0$/m);
    const refused = await run('check', '--action=cancel', ...place, ...job, '--json');
    expect(JSON.parse(refused.stdout)).to.deep.include({
      allowed: false,
      policies: ['production'],
    });
    const person = await run('check', '--action=configure', '--person=role=admin');
    expect(person.stdout).to.match(/^decided_by +owner$/m);
  });

  it('says what is wrong with a file, or with a policy in it', async () => {
    expect(await run('set', 'a', '--file', join(folder, 'none'))).to.have.property('code', 2);
    expect(await set('{')).to.include({ code: 2 });
    expect((await set('[]')).stderr).to.include('must hold a JSON object');
    const environment = { who: { job: { environment: 'production' } }, may: ['start'] };
    const unsound = await set({ ...production, rules: [environment] });
    expect(unsound.code).to.equal(3);
    expect(unsound.stderr).to.include('needs repository_id');
    expect((await run('get', 'Production')).code).to.equal(2);
    expect((await run('check', '--action=read', '--job=x')).code).to.equal(2);
  });
});
