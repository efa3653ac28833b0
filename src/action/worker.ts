import { readFileSync } from 'node:fs';

/** A process, told from a later one that has its number. */
export interface ProcessName {
  readonly pid: number;
  /** When it began, as far as this system says. */
  readonly since: string;
}

/** What names a process that runs. */
export function nameOf(pid: number): ProcessName {
  return { pid, since: startOf(pid) };
}

/** Whether a process still runs. Of one that cannot be seen, as from within a container, nobody knows: it counts. */
export function isRunning({ pid, since }: ProcessName): boolean {
  if (pid <= 1) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return startOf(pid) === since;
}

/** The start of a process in Linux (proc_pid_stat(5), field 22); elsewhere nothing. */
function startOf(pid: number): string {
  try {
    // The second field, a name in parentheses, may hold spaces.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  } catch {
    return '';
  }
}
