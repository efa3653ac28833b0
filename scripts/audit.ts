/**
 * Asks the registry about the packages of production: which have known vulnerabilities (of which `high` and
 * worse fail), and whether those that are installed carry the registry's signatures
 * (https://docs.npmjs.com/about-registry-signatures).
 *
 * A registry that offers the one or the other not, or is out of reach, fails nothing: what was not checked is
 * said, by name.
 */
import { spawnSync } from 'node:child_process';

/** What npm says, as JSON, of what it found; an error in its place when it found out nothing. */
interface Report {
  readonly auditReportVersion?: number;
  readonly invalid?: readonly unknown[];
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly message?: string;
}

/** @returns whether all is well as far as it can be known */
function audit(name: string, args: readonly string[]): boolean {
  // npm tries for more than a minute by default.
  const once = { npm_config_fetch_retries: '0', npm_config_fetch_timeout: '30000' };
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--json'], {
    encoding: 'utf8',
    env: { ...process.env, ...once },
    maxBuffer: 64 * 1024 * 1024,
  });
  const report = read(stdout);
  if (report.auditReportVersion === undefined && report.invalid === undefined) {
    const why = [report.message, report.error?.code, report.error?.summary, firstLine(stderr)].find(
      Boolean,
    );
    console.log(`\nSKIPPED ${name}, nothing of it was checked: ${why ?? 'npm gave no report'}`);
    return true;
  }
  if (status !== 0) console.log(stdout);
  console.log(`${name}: ${status === 0 ? 'nothing found' : 'see above'}`);
  return status === 0;
}

function read(stdout: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return {};
  }
}

function firstLine(text: string): string | undefined {
  return text.split('\n').find((line) => line.trim() !== '');
}

const fine = [
  audit('npm audit', ['audit', '--package-lock-only', '--omit=dev', '--audit-level=high']),
  audit('npm audit signatures', ['audit', 'signatures', '--omit=dev']),
];
process.exitCode = fine.every(Boolean) ? 0 : 1;
