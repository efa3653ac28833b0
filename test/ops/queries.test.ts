import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'yaml';
import { metricsInUse } from '../support/known-metrics.js';
import type { KnownMetrics } from '../support/known-metrics.js';
import { parsePromql } from '../support/promql.js';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const ops = new URL('../../ops/', import.meta.url);
const read = (path: string) => readFile(new URL(path, ops), 'utf8');

async function readRules(path: string): Promise<Rule[]> {
  const { groups } = parse(await read(path)) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** Every value of a key, wherever it stands in a JSON document. */
function valuesOf(key: string, document: unknown): string[] {
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([name, value]) =>
    name === key && typeof value === 'string' ? [value] : valuesOf(key, value),
  );
}

/** What Grafana puts in for its own variables, inside of strings and of ranges. */
const fillIn = (expression: string) =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*');

describe('every query of ops', () => {
  /** Prometheus adds these to whatever it reads, and `up` for each place where it reads. */
  const added = ['job', 'instance'];
  let service: KnownMetrics;
  let recorded: Map<string, Set<string>>;

  before(async () => {
    service = await metricsInUse();
    recorded = new Map();
    for (const { record, expr } of await readRules('prometheus/recording.yml')) {
      if (record === undefined) throw new Error(`Not a recording rule: ${expr}`);
      const labels = parsePromql(expr).grouping.filter((label) => label !== 'le');
      recorded.set(record, new Set(labels));
    }
  });

  const labelsOf = (metric: string): ReadonlySet<string> | undefined =>
    recorded.get(metric) ??
    (metric === 'up' ? new Set(added) : service.has(metric) ? own(metric) : undefined);
  const own = (metric: string) => new Set([...(service.get(metric) ?? []), ...added]);

  /** Expects that the expression is PromQL, and that its metrics and their labels exist. */
  function expectKnown(expression: string): void {
    const { selectors, grouping } = parsePromql(expression);
    const labels = new Set<string>();
    expect(selectors, expression).not.to.deep.equal([]);
    for (const selector of selectors) {
      const known = labelsOf(selector.metric);
      if (known === undefined) throw new Error(`There is no ${selector.metric}: ${expression}`);
      expect([...known], `labels of ${selector.metric} in ${expression}`).to.include.members([
        ...selector.labels,
      ]);
      for (const label of known) labels.add(label);
    }
    expect([...labels], `groups in ${expression}`).to.include.members([...grouping]);
  }

  it('that is recorded names metrics and labels that exist', async () => {
    for (const { expr } of await readRules('prometheus/recording.yml')) expectKnown(expr);
  });

  it('that raises an alert names metrics and labels that exist', async () => {
    const alerts = await readRules('prometheus/alerts.yml');
    for (const { expr } of alerts) expectKnown(expr);
    expect(alerts).to.have.length.greaterThan(9);
  });

  it('of a dashboard names metrics and labels that exist', async () => {
    for (const file of await readdir(new URL('grafana/dashboards/', ops))) {
      const dashboard: unknown = JSON.parse(await read(`grafana/dashboards/${file}`));
      const expressions = valuesOf('expr', dashboard);
      expect(expressions).to.have.length.greaterThan(30);
      for (const expression of expressions) expectKnown(fillIn(expression));
    }
  });

  it('of a variable of a dashboard names metrics and labels that exist', async () => {
    for (const file of await readdir(new URL('grafana/dashboards/', ops))) {
      const dashboard = JSON.parse(await read(`grafana/dashboards/${file}`)) as {
        templating: { list: { name: string; definition?: string }[] };
      };
      const definitions = dashboard.templating.list.flatMap(({ definition = [] }) => definition);
      expect(definitions).to.have.length(2);
      for (const definition of definitions) {
        const [, selector = '', label = ''] =
          /^label_values\((.+), (\w+)\)$/.exec(fillIn(definition)) ?? [];
        expectKnown(selector);
        expect(added).to.include(label);
      }
    }
  });

  it('would be caught if it named what does not exist', () => {
    for (const wrong of [
      'http_requests',
      'rate(http_requests_total{path="/"}[5m])',
      'sum by (tenant) (http_requests_total)',
      'job:nothing:rate5m',
      'sum by (job (up)',
    ]) {
      expect(() => {
        expectKnown(wrong);
      }, wrong).to.throw();
    }
  });
});
