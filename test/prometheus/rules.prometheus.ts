import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startTestService } from '../support/service.js';
import { needPrograms, run } from './support/programs.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('what Prometheus is given', () => {
  needPrograms('promtool');

  function expectSuccess(parameters: readonly string[], input?: string): void {
    const { status, output } = run('promtool', parameters, input);
    expect(status, output).to.equal(0);
  }

  it('is a configuration that it takes', () => {
    expectSuccess(['check', 'config', file('ops/prometheus/prometheus.yml')]);
  });

  it('are rules that it takes', () => {
    const files = ['recording.yml', 'alerts.yml'].map((name) => file(`ops/prometheus/${name}`));
    expectSuccess(['check', 'rules', '--lint-fatal', ...files]);
  });

  for (const name of ['alerts', 'alerts-of-days']) {
    it(`are alerts that fire when they should, and only then (${name})`, function () {
      // All of it is computing, which a busy machine takes its time for.
      this.timeout(600_000);
      expectSuccess(['test', 'rules', file(`test/prometheus/${name}.promtool.yml`)]);
    });
  }

  it('are metrics in its format, named by its conventions', async () => {
    const service = await startTestService();
    try {
      await service.api.get('/v1/deployments').expect(200);
      const { text } = await service.management.get('/metrics');
      const { output } = run('promtool', ['check', 'metrics'], text);
      // What prom-client tells of Node is named by prom-client.
      const own = output.split('\n').filter((line) => !/^(nodejs_|process_|$)/.test(line));
      expect(own).to.deep.equal([]);
    } finally {
      await service.stop();
    }
  });
});
