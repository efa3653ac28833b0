import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createMetrics } from '../../src/metrics/metrics.js';
import { metricsInUse } from '../support/known-metrics.js';

describe('docs/METRICS.md', () => {
  const rows: { name: string; labels: string[] }[] = [];

  before(async () => {
    const text = await readFile(new URL('../../docs/METRICS.md', import.meta.url), 'utf8');
    for (const [, name = '', labels = ''] of text.matchAll(/^\| `(\w+)` +\|([^|]*)\|/gm)) {
      rows.push({ name, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) });
    }
  });

  it('names every metric of the service, and nothing else', async () => {
    const metrics = createMetrics('1.2.3');
    const text = await metrics.render();
    metrics.stop();
    const names = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
    const own = names.filter((name) => !/^(nodejs|process)_/.test(name));
    expect(rows.map(({ name }) => name)).to.have.members(own);
  });

  it('names the labels of each', async () => {
    const known = await metricsInUse();
    for (const { name, labels } of rows) {
      const found = known.get(name) ?? known.get(`${name}_count`);
      expect([...(found ?? ['nothing'])], name).to.have.members(labels);
    }
  });
});
