import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'yaml';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: unknown;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly targets?: { datasource: unknown; refId: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: Panel[];
  readonly templating: { list: { name: string; type: string }[] };
}

const grafana = new URL('../../ops/grafana/', import.meta.url);
const read = (path: string) => readFile(new URL(path, grafana), 'utf8');

describe('the dashboard', () => {
  const dashboards: Dashboard[] = [];

  before(async () => {
    for (const file of await readdir(new URL('dashboards/', grafana))) {
      dashboards.push(JSON.parse(await read(`dashboards/${file}`)) as Dashboard);
    }
    expect(dashboards).not.to.deep.equal([]);
  });

  it('asks the Prometheus that its reader chooses', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    for (const { panels, templating } of dashboards) {
      expect(templating.list[0]).to.include({ name: 'datasource', type: 'datasource' });
      for (const { type, datasource, targets = [] } of panels) {
        if (type !== 'row') expect(datasource).to.deep.equal(chosen);
        for (const target of targets) expect(target.datasource).to.deep.equal(chosen);
      }
    }
  });

  it('has panels that neither overlap nor leave the grid, each with an id of its own', () => {
    for (const { panels } of dashboards) {
      expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
      const taken = new Map<string, string>();
      for (const { title, gridPos } of panels) {
        expect(gridPos.x + gridPos.w, title).to.be.at.most(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            expect(taken.get(`${x} ${y}`), `${title} at ${x}, ${y}`).to.equal(undefined);
            taken.set(`${x} ${y}`, title);
          }
        }
      }
    }
  });

  it('is provisioned with a Prometheus that is the default', async () => {
    const { datasources } = parse(await read('provisioning/datasources/prometheus.yml')) as {
      datasources: { type: string; isDefault: boolean }[];
    };
    expect(datasources).to.have.length(1);
    expect(datasources[0]).to.include({ type: 'prometheus', isDefault: true });
    const { providers } = parse(await read('provisioning/dashboards/deployment-queue.yml')) as {
      providers: { type: string; options: { path: string } }[];
    };
    expect(providers.map(({ type, options }) => [type, options.path])).to.deep.equal([
      ['file', '/var/lib/grafana/dashboards'],
    ]);
  });
});
