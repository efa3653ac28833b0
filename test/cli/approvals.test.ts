import { expect } from 'chai';
import { rowsOf } from '../support/command-line.js';
import { runGatedCommands } from '../support/gated-commands.js';

describe('deployment-queue', () => {
  const { running, run, json } = runGatedCommands();

  describe('approvals', () => {
    const required = (count: number) =>
      run('environments', 'set', 'production', `--required-approvals=${count}`);

    it('shows what lacks some, and no longer what has them or was rejected', async () => {
      expect((await run('approvals')).stderr).to.equal('Nothing waits to be approved.\n');
      const { stdout } = await required(1);
      expect(stdout).to.match(/^required_approvals +1$/m);
      expect(rowsOf((await run('environments', 'list')).stdout)[0]).to.include({ APPROVALS: '1' });
      const [first, second, third] = [
        await running.tenant.create({ version: '1' }),
        await running.tenant.create({ version: '2' }),
        await running.tenant.create({ version: '3' }),
      ];
      await running.tenant.create({ environment: 'staging' });
      const rows = rowsOf((await run('approvals')).stdout);
      expect(rows.map(({ ID, APPROVALS }) => [ID, APPROVALS])).to.deep.equal(
        [third, second, first].map(({ id }) => [id, '0 of 1']),
      );
      const approved = await run('approve', first.id.slice(-8), '--reason=Looked at it');
      expect(approved.code, approved.stderr).to.equal(0);
      expect(approved.stdout).to.match(/^approvals +.*\(Looked at it\)$/m);
      const rejected = await run('reject', second.id, '--reason=Not tried');
      expect(rejected.stdout).to.match(/^status +cancelled$/m);
      expect(rowsOf((await run('events', second.id)).stdout)[1]).to.include({
        ...{ CAUSE: 'rejection', REASON: 'Not tried' },
      });
      expect((await json('approvals')).map(({ id }: { id: string }) => id)).to.deep.equal([
        third.id,
      ]);
      expect(await json('approvals', '--environment=staging')).to.deep.equal([]);
      const some = await run('approvals', '--environment=Production', '--limit=1');
      expect(rowsOf(some.stdout)).to.have.length(1);
    });

    it('are said to be missing where a deployment waits for them, and where it is started', async () => {
      await required(2);
      const { id } = await running.tenant.create();
      await run('approve', id);
      const claimed = await run('claim', id, '--wait=0');
      expect(claimed.code).to.equal(9);
      expect(claimed.stderr).to.match(/^checkout 1\.0\.0 waits at place 1; 1 of 2 approvals\n/);
      const { code, stderr } = await run('release', id);
      expect(code).to.equal(5);
      expect(stderr).to.match(
        /1 of 2 approvals.*; somebody else approves it by approve, --override/,
      );
    });

    it('are refused for what has started', async () => {
      const { id } = await running.tenant.create({}, 'in_progress');
      for (const command of ['approve', 'reject']) {
        const { code, stderr } = await run(command, id);
        expect(code).to.equal(5);
        expect(stderr).to.match(/is in_progress and cannot be/);
      }
      expect((await run('approve', id.replace(/.$/, '0').replace(/^./, '1'))).code).to.equal(4);
      expect((await run('environments', 'set', 'a', '--required-approvals=11')).code).to.equal(2);
    });
  });
});
