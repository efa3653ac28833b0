import { execFileSync } from 'node:child_process';

/** Runs a tool of the system, and says whether it did what it was asked to. */
export function tryTool(tool: string, ...args: string[]): boolean {
  try {
    execFileSync(tool, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Mounts a small file system in a folder; `false` where that is not permitted. */
export function mountSmall(folder: string, bytes: number): boolean {
  return tryTool('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder);
}

/** Takes it away again; whoever still has files open keeps them. */
export function unmount(folder: string): void {
  tryTool('umount', '--lazy', folder);
}
