import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'yaml';
import { parsePromql } from '../support/promql.js';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

interface RuleTest {
  readonly alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('every alert', () => {
  let alerts: Alert[];
  let runbook: string;

  before(async () => {
    const { groups } = parse(await read('ops/prometheus/alerts.yml')) as {
      groups: { rules: Alert[] }[];
    };
    alerts = groups.flatMap(({ rules }) => rules);
    runbook = await read('docs/ALERTS.md');
  });

  it('says how grave it is, what is wrong and where help is', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(labels['severity'], alert).to.be.oneOf(['critical', 'warning']);
      expect(annotations, alert).to.have.all.keys('summary', 'description', 'runbook_url');
      // GitHub makes the anchor of a heading so.
      expect(annotations['runbook_url']).to.equal(
        `https://github.com/ORGANISATION/deployment-queue-api/blob/main/docs/ALERTS.md#${alert.toLowerCase()}`,
      );
    }
  });

  it('has a section in the runbook that says what it means and what to do, and nothing else has', () => {
    const sections = runbook.split(/^## /m).slice(1);
    const named = sections.map((section) => section.split('\n', 1)[0] ?? '');
    const isAlert = (title: string) => title.startsWith('DeploymentQueue');
    expect(named.filter(isAlert)).to.have.members(alerts.map(({ alert }) => alert));
    for (const section of sections.filter(isAlert)) {
      expect(section)
        .to.match(/^\*\*Means\.\*\* /m)
        .and.match(/^\*\*Do\.\*\* /m);
    }
  });

  it('is about this service only', () => {
    for (const { alert, expr } of alerts) {
      for (const { metric, labels } of parsePromql(expr).selectors) {
        // What is recorded is recorded of this job only.
        if (!metric.includes(':')) expect(labels, alert).to.include('job');
      }
    }
  });

  it('is tested to fire and not to fire', async () => {
    const names = ['alerts', 'alerts-of-days'];
    const files = await Promise.all(
      names.map((name) => read(`test/prometheus/${name}.promtool.yml`)),
    );
    const tests = files.flatMap((text) => (parse(text) as { tests: RuleTest[] }).tests);
    // Where nothing is wrong at all does not count: it says nothing of the threshold.
    const checks = tests.slice(1).flatMap((test) => test.alert_rule_test);
    for (const { alert } of alerts) {
      const own = checks.filter(({ alertname }) => alertname === alert);
      const fires = own.map((check) => check.exp_alerts.length > 0);
      expect(fires, alert).to.include.members([true, false]);
    }
  });
});
