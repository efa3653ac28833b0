import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** A document of `ops/kubernetes`. */
export interface Manifest {
  /** The file, from the top of the project. */
  readonly file: string;
  readonly kind: string;
  /** Of any shape, until `faultsOf` has found nothing. */
  readonly content: ReturnType<typeof JSON.parse>;
  /** Whether an overlay changes another document by it, so that it is not whole. */
  readonly isPatch: boolean;
}

/** Where the types of each kind stand: written by kubernetes-models from the schemas of the vendors. */
const types: Readonly<Record<string, string>> = {
  ConfigMap: 'kubernetes-models/v1',
  Deployment: 'kubernetes-models/apps/v1',
  Ingress: 'kubernetes-models/networking.k8s.io/v1',
  NetworkPolicy: 'kubernetes-models/networking.k8s.io/v1',
  PersistentVolumeClaim: 'kubernetes-models/v1',
  PodDisruptionBudget: 'kubernetes-models/policy/v1',
  PrometheusRule: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
  Service: 'kubernetes-models/v1',
  ServiceAccount: 'kubernetes-models/v1',
  ServiceMonitor: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/** Every document below `ops/kubernetes`. */
export function readManifests(): Manifest[] {
  const folder = 'ops/kubernetes';
  const names = readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => {
      const file = join(folder, name);
      return parseAllDocuments(readFileSync(join(project, file), 'utf8')).map((document) => {
        const content = document.toJS() as { kind: string };
        const isPatch = name.startsWith('overlays/') && content.kind === 'Deployment';
        return { file, kind: content.kind, content, isPatch };
      });
    });
}

/**
 * What is wrong with manifests by the types of their kinds: a field that is unknown, missing or of
 * another type. The compiler finds it, since it knows more than the schemas say: they let unknown
 * fields pass, and so does the API server.
 */
export function faultsOf(manifests: readonly Manifest[]): string[] {
  const checked = manifests.filter(({ kind }) => kind !== 'Kustomization' && kind !== 'Component');
  const kinds = [...new Set(checked.map(({ kind }) => kind))];
  const lines = [
    'type Part<T> = T extends (infer E)[] ? Part<E>[] : T extends object ? { [K in keyof T]?: Part<T[K]> } : T;',
    ...kinds.map((kind) => {
      const from = types[kind];
      if (from === undefined) throw new Error(`This test has no types of ${kind}`);
      return `import type { I${kind} } from '${from}';`;
    }),
    ...checked.map(({ kind, content, isPatch }, index) => {
      const type = isPatch ? `Part<I${kind}>` : `I${kind}`;
      return `export const manifest${index}: ${type} = ${JSON.stringify(content)};`;
    }),
  ];
  return compile(lines.join('\n')).map(({ line, message }) => {
    const index = line - 1 - kinds.length;
    return `${checked[index]?.file ?? 'types'}: ${message}`;
  });
}

/** What the compiler says of a module that stands at the top of the project, as it were. */
function compile(text: string): { line: number; message: string }[] {
  const name = join(project, 'manifests.virtual.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2023) : read(file, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => ({
    line: file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : -1,
    message: ts.flattenDiagnosticMessageText(messageText, ' '),
  }));
}
