import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression reads. */
export interface Selector {
  readonly metric: string;
  /** The labels that it is narrowed by. */
  readonly labels: readonly string[];
}

/** What an expression of PromQL is about. */
export interface Expression {
  readonly selectors: readonly Selector[];
  /** The labels that results are grouped or matched by. */
  readonly grouping: readonly string[];
}

/**
 * Reads an expression, by Prometheus's own grammar.
 *
 * @throws Error when it is not PromQL
 */
export function parsePromql(expression: string): Expression {
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  let grouped = false;
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`Not PromQL at "${expression.slice(from)}": ${expression}`);
      if (type.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      if (type.name === 'GroupingLabels') grouped = true;
      const selector = selectors.at(-1);
      if (type.name === 'Identifier' && selector !== undefined) selector.metric = text;
      if (type.name === 'LabelName') {
        if (grouped) grouping.push(text);
        else selector?.labels.push(text);
      }
    },
    leave({ type }) {
      if (type.name === 'GroupingLabels') grouped = false;
    },
  });
  return { selectors, grouping };
}
