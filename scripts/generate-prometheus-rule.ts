import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';

const folder = new URL('../ops/prometheus/', import.meta.url);

/** The rules of `ops/prometheus` as Prometheus Operator takes them: the groups of its files in one PrometheusRule. */
export async function generatePrometheusRule(): Promise<string> {
  const files = await Promise.all(
    ['recording.yml', 'alerts.yml'].map((name) => readFile(new URL(name, folder), 'utf8')),
  );
  const groups = files.flatMap((text) => (parse(text) as { groups: unknown[] }).groups);
  return stringify(
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'deployment-queue-api' },
      spec: { groups },
    },
    { lineWidth: 0 },
  );
}
