import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** A span as OTLP carries it in JSON. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  /** 2 for a server's, 3 for a client's. */
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A double of an OpenTelemetry collector (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export interface Collector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** All that it was sent. */
  readonly received: readonly string[];
  /** The attributes of the service that sent them. */
  readonly resource: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: number | string };
}
interface SentSpan extends Omit<CollectedSpan, 'attributes'> {
  attributes: KeyValue[];
}
interface Sent {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: SentSpan[] }[];
  }[];
}

/**
 * Starts a collector.
 *
 * @param answers `false` for one that takes connections and never answers
 */
export async function startCollector(answers = true): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const received: string[] = [];
  const resource: Record<string, unknown> = {};
  const server = createServer((req, res) => {
    if (!answers) return;
    let text = '';
    req.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    req.on('end', () => {
      if (req.url !== '/v1/traces' || req.headers['content-type'] !== 'application/json') {
        res.writeHead(404).end();
        return;
      }
      received.push(text);
      for (const sent of (JSON.parse(text) as Sent).resourceSpans) {
        Object.assign(resource, toRecord(sent.resource.attributes));
        for (const span of sent.scopeSpans.flatMap((scope) => scope.spans)) {
          spans.push({ ...span, attributes: toRecord(span.attributes) });
        }
      }
      res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    received,
    resource,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function toRecord(attributes: KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined ? value.stringValue : Number(value.intValue),
    ]),
  );
}
