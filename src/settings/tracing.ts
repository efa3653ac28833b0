import { z } from 'zod';
import { samplers } from '../tracing/tracing.js';
import type { TracingOptions } from '../tracing/tracing.js';
import { flag, isTrustedUrl, wholeNumber } from './fields.js';

const ratioFault = 'must be a share from 0 to 1';

/**
 * The variables, by name, with the meaning that OpenTelemetry gives them
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */
export const tracingFields = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isEndpoint, 'must be an http or https URL without query and without credentials')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  // The exporter reads the headers by itself.
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_INSECURE: flag(false),
  OTEL_SERVICE_NAME: z.string().default('deployment-queue-api'),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers, `must be one of ${samplers.join(', ')}`)
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^\d+(\.\d+)?$/, ratioFault)
    .transform(Number)
    .refine((value) => value <= 1, ratioFault)
    .default(1),
  OTEL_EXPORTER_OTLP_TIMEOUT: wholeNumber(10_000, 100, 60_000, 'a number of milliseconds'),
};

type Fields = { [Name in keyof typeof tracingFields]: z.output<(typeof tracingFields)[Name]> };

/** Faults of settings that are fine on their own. */
export function tracingContradictions(values: Partial<Fields>): string[] {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: headers,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: ofTraces,
    OTEL_EXPORTER_OTLP_INSECURE: insecure,
  } = values;
  const mayHoldToken = headers !== undefined || ofTraces !== undefined;
  if (endpoint === undefined || !mayHoldToken || insecure || isTrustedUrl(endpoint)) return [];
  return [
    'OTEL_EXPORTER_OTLP_ENDPOINT must be https while there are OTEL_EXPORTER_OTLP_HEADERS, which may hold a token; http is for a loopback address, unless OTEL_EXPORTER_OTLP_INSECURE is true',
  ];
}

/** Puts the variables' values together; `undefined` when no collector is named. */
export function toTracingOptions(values: Fields): TracingOptions | undefined {
  if (values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined;
  return {
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    serviceName: values.OTEL_SERVICE_NAME,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
    timeoutMs: values.OTEL_EXPORTER_OTLP_TIMEOUT,
  };
}

function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (
    (protocol === 'https:' || protocol === 'http:') && username + password + search + hash === ''
  );
}
