import { expect } from 'chai';
import type { TestService } from './service.js';

/** One line of Prometheus's text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** Reads Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function parseExposition(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      expect(name, line).not.to.equal('');
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name,
        labels: Object.fromEntries(
          pairs.map(([, label = '', of = '']) => [label, of.replace(/\\(.)/g, unescape)]),
        ),
        value: Number(value),
      };
    });
}

const unescape = (_escaped: string, character: string): string =>
  character === 'n' ? '\n' : character;

/** What a service shows to Prometheus now. */
export async function scrape(service: Pick<TestService, 'management'>): Promise<Sample[]> {
  const response = await service.management.get('/metrics').expect(200);
  expect(response.headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
  return parseExposition(response.text);
}

/** The value of the sample with exactly these labels. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return samples.find(
    (sample) =>
      sample.name === name && JSON.stringify(Object.entries(sample.labels).sort()) === wanted,
  )?.value;
}
