import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { Lineage } from '../../src/domain/deployments/lineage.js';
import { runService } from '../support/http.js';

describe('getDeploymentLineage', () => {
  const running = runService();

  const lineage = async (id: string) => {
    const response = await running.service.api
      .get(`/v1/deployments/${id}/lineage`)
      .set('X-Organisation', running.tenant.organisation)
      .expect(200);
    const { deployment, more, copied_from, replaced, replaced_by } = response.body as Lineage;
    expect(deployment).to.deep.equal(await running.tenant.get(id));
    const goesOn = Object.entries(more).flatMap(([name, is]) => (is ? [name] : []));
    const ids = (chain: readonly Deployment[]) => chain.map((member) => member.id);
    return {
      copied_from: ids(copied_from),
      replaced: ids(replaced),
      replaced_by: ids(replaced_by),
      more: goesOn,
    };
  };

  it('traces two rollbacks back to the start, and forward from what they replaced', async () => {
    const { tenant } = running;
    const [one, two, three] = [
      await tenant.create({ version: '1' }, 'deployed'),
      await tenant.create({ version: '2' }, 'deployed'),
      await tenant.create({ version: '3' }, 'deployed'),
    ];
    const back = await tenant.rollback();
    await tenant.move(back.id, 'deployed');
    const further = await tenant.rollback();
    expect(await lineage(further.id)).to.deep.equal({
      copied_from: [one.id],
      replaced: [back.id, three.id],
      replaced_by: [],
      more: [],
    });
    expect(await lineage(back.id)).to.deep.equal({
      copied_from: [two.id],
      replaced: [three.id],
      replaced_by: [further.id],
      more: [],
    });
    expect(await lineage(three.id)).to.deep.equal({
      copied_from: [],
      replaced: [],
      replaced_by: [back.id, further.id],
      more: [],
    });
    const nothing = { copied_from: [], replaced: [], replaced_by: [], more: [] };
    expect(await lineage(one.id)).to.deep.equal(nothing);
  });

  it('shows the nearest hundred of each direction, and says where there are more', async () => {
    const { tenant } = running;
    const first = await tenant.create({ version: '0' }, 'deployed');
    const ids = [first.id, (await tenant.create({ version: '1' }, 'deployed')).id];
    // Back and forth: each replaces the one before, and is a copy of the one before that.
    for (let number = 2; number <= 103; number += 1) {
      const { id } = await tenant.rollback({ target_version: String(number % 2) });
      await tenant.move(id, 'deployed');
      ids.push(id);
    }
    const lastId = ids.at(-1) ?? '';

    const back = await lineage(lastId);
    expect(back.more).to.deep.equal(['replaced']);
    expect(back.replaced).to.deep.equal(ids.slice(3, -1).toReversed());
    expect(back.copied_from).to.have.length(51);
    expect(back.copied_from.at(-1)).to.equal(ids[1]);

    const forth = await lineage(ids[1] ?? '');
    expect(forth.more).to.deep.equal(['replaced_by']);
    expect(forth.replaced_by).to.deep.equal(ids.slice(2, 102));

    const whole = await lineage(ids[3] ?? '');
    expect(whole.more).to.deep.equal([]);
    expect(whole.replaced_by).to.deep.equal(ids.slice(4));
  });
});
