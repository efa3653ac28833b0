/**
 * Writes `dist/sbom.cdx.json`, the bill of materials of the package and of the image, as CycloneDX
 * (https://cyclonedx.org/specification/overview/): what the lock file names for production, with the
 * integrity hash and the licence of each, and what the build copies out of a development dependency.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

interface Bom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Packages of which `scripts/copy-docs-page.ts` copies files, and what is bundled into the board. */
const copied = ['swagger-ui-dist', 'preact', 'eventsource-parser'];

const { name, packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  name: string;
  packages: Record<string, { readonly version: string; readonly dev?: boolean }>;
};
/** What production needs, such as `express@5.3.0`, wherever npm puts it. */
const needed = new Set(
  Object.entries(packages)
    .filter(([, { dev = false }]) => !dev)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`),
);

const flags = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
const output = execFileSync('npm', ['sbom', ...flags], { maxBuffer: 64 * 1024 * 1024 });
const bom = JSON.parse(output.toString()) as Bom;

// npm's `--omit=dev` leaves out whatever a development dependency needs as well, express for one.
const components = bom.components
  .filter(({ name, version }) => copied.includes(name) || needed.has(`${name}@${version}`))
  .map((component) => ({ ...component, properties: [] }));
// npm calls the package by its folder.
const component = { ...bom.metadata.component, name };
const refs = new Set([component, ...components].map((each) => each['bom-ref']));
const dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((to) => refs.has(to)) }));

mkdirSync('dist', { recursive: true });
const shipped = { ...bom, metadata: { ...bom.metadata, component }, components, dependencies };
writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(shipped, null, 2)}\n`);
