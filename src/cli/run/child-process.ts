import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../environment.js';
import { messageOf } from '../failure.js';
import { codeOf } from './interruption.js';

/** How a command came out. */
export interface CommandEnd {
  /** Its exit code, as shells have it: 127 when there is no such program, 128 and more after a signal. */
  readonly code: number;
  /** In a few words. */
  readonly how: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly ended: Promise<CommandEnd>;
  /** Sends a signal to it and to all that it has started. */
  signal(name: NodeJS.Signals): void;
  /** Ends it and all that it has started: by a signal, and after a time by force. */
  stop(name: NodeJS.Signals, graceMs: number): Promise<void>;
}

/** How often it is looked whether something still runs. */
const lookMs = 20;

/** Windows has no groups of processes. */
const hasGroups = process.platform !== 'win32';

/**
 * Starts a command, with this program's input and output. It leads a group of processes of its own, so that a
 * signal reaches all that it has started.
 *
 * @param environment all of its variables
 */
export function startCommand(
  [program = '', ...argv]: readonly string[],
  environment: Environment,
): RunningCommand {
  const child = spawn(program, argv, { stdio: 'inherit', env: environment, detached: hasGroups });
  let isOver = false;
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      isOver = true;
      const code = error.code === 'ENOENT' ? 127 : 126;
      const why = error.code === 'ENOENT' ? 'there is no such program' : messageOf(error);
      resolve({ code, how: `it could not be started: ${why}` });
    });
    child.once('exit', (code, signal) => {
      isOver = true;
      resolve(
        signal === null
          ? { code: code ?? 1, how: `exit code ${code ?? 1}` }
          : { code: codeOf(signal), how: `ended by ${signal}` },
      );
    });
  });

  const send = (name: NodeJS.Signals | 0): boolean => {
    if (child.pid === undefined) return false;
    try {
      return process.kill(hasGroups ? -child.pid : child.pid, name);
    } catch {
      return false;
    }
  };
  /** When what still runs is ended by force. */
  let deadline = Infinity;
  const runs = (): boolean => (hasGroups ? send(0) : !isOver);
  return {
    ended,
    signal: (name) => void send(name),
    async stop(name, graceMs) {
      deadline = Math.min(deadline, performance.now() + graceMs);
      send(name);
      // What is stopped (SIGSTOP) would not hear.
      if (hasGroups) send('SIGCONT');
      while (runs() && performance.now() < deadline) await sleep(lookMs);
      send('SIGKILL');
      await ended;
    },
  };
}
