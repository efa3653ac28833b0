import { expect } from 'chai';
import { soak } from './soak.js';
import { judge, tableOf } from './verdict.js';

describe('the service under a mixed load', function () {
  this.timeout(300_000);

  it('keeps memory, handles and event loop lag flat, and answers as it should', async () => {
    const { samples, load, errors, exitCode } = await soak({ seconds: 75, rate: 150, samples: 50 });

    const verdicts = judge(samples);
    console.log(tableOf(verdicts));
    console.log(JSON.stringify(load));
    expect(load.examples).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
    expect(exitCode).to.equal(0);
    const rising = verdicts.filter(({ flat }) => !flat).map(({ name }) => name);
    expect(rising).to.deep.equal([]);
  });

  it('would be found out if it leaked memory and files', async () => {
    const preloads = ['leak.js'];
    const { samples } = await soak({ seconds: 25, rate: 150, samples: 25, preloads });

    const rising = judge(samples).filter(({ flat }) => !flat);
    const names = rising.map(({ name }) => name);
    expect(names).to.include.members(['heap after a collection', 'files']);
  });
});
