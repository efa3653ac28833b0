import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandResult } from './command-line.js';

const bundle = fileURLToPath(new URL('../../generated/deployment-queue.js', import.meta.url));

/** What is typed once a question is on the screen. */
export interface Answer {
  readonly to: string;
  readonly text: string;
}

/** Somebody with a home folder, programs of their own, and `deployment-queue` as one file. */
export class Person {
  readonly home: string;
  readonly #programs: string;

  private constructor(home: string) {
    this.home = home;
    this.#programs = join(home, 'bin');
  }

  static async create(): Promise<Person> {
    const person = new Person(await mkdtemp(join(tmpdir(), 'deployment-queue-home-')));
    await mkdir(person.#programs);
    await person.install('deployment-queue', `exec '${process.execPath}' '${bundle}' "$@"`);
    return person;
  }

  /** What `login` writes. */
  get config(): string {
    return join(this.home, '.config/deployment-queue/config.json');
  }

  /** The variables of this person's shell. */
  get environment(): Record<string, string> {
    return { HOME: this.home, PATH: `${this.#programs}:/usr/bin:/bin` };
  }

  /** Puts a program on the path. @param script what a shell runs */
  async install(name: string, script: string): Promise<void> {
    const path = join(this.#programs, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }

  /** Runs a program of the path with these variables beside this person's own. */
  async run(
    environment: Readonly<Record<string, string>>,
    argv: readonly string[],
    stdin: string | Answer = '',
    program = 'deployment-queue',
  ): Promise<CommandResult> {
    const child = spawn(program, argv, {
      cwd: this.home,
      env: { ...this.environment, ...environment },
    });
    let [stdout, stderr] = ['', ''];
    let answer = typeof stdin === 'string' ? undefined : stdin;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (answer === undefined || !stdout.includes(answer.to)) return;
      child.stdin.end(answer.text);
      answer = undefined;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // It may end before it has read anything.
    child.stdin.on('error', () => undefined);
    if (typeof stdin === 'string') child.stdin.end(stdin);
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  }

  remove(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }
}
