import { Copy, DockerfileParser, Env, From, JSONInstruction, User, Workdir } from 'dockerfile-ast';
import type { Instruction } from 'dockerfile-ast';

/** One step of a stage that leaves something in its file system. */
export type Step =
  | { readonly kind: 'run'; readonly command: readonly string[]; readonly state: State }
  | {
      readonly kind: 'copy';
      /** The stage that is copied from; the context when there is none. */
      readonly stage: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
      readonly state: State;
    }
  | { readonly kind: 'workdir'; readonly path: string };

/** What an instruction finds set by those before it. */
export interface State {
  readonly environment: Readonly<Record<string, string>>;
  readonly workdir: string;
  /** As in `--userspec` of chroot: numbers of user and group. */
  readonly user: string;
}

/** A stage of a Dockerfile, and what a container of it is started with. */
export interface Stage extends State {
  readonly name: string;
  readonly base: string;
  readonly steps: readonly Step[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string;
}

type Draft = { -readonly [K in keyof Stage]: Stage[K] } & { steps: Step[] };

/**
 * Reads the stages of a Dockerfile, with Docker's meaning of each instruction
 * (https://docs.docker.com/reference/dockerfile/).
 *
 * @throws Error for an instruction, a flag or a form that it does not know: what is skipped would not
 *   be tested
 */
export function readStages(text: string): readonly Stage[] {
  const stages: Draft[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (instruction instanceof From) {
      stages.push(newStage(instruction));
      continue;
    }
    const stage = stages.at(-1);
    // Before the first stage stand the arguments of FROM, which the parser puts in.
    if (stage === undefined && keyword === 'ARG') continue;
    if (stage === undefined) throw unknown(instruction, 'before the first FROM');
    apply(stage, instruction);
  }
  return stages;
}

function newStage(instruction: From): Draft {
  const [base = ''] = words(instruction);
  return {
    name: instruction.getBuildStage() ?? '',
    base,
    environment: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    workdir: '/',
    user: '0:0',
    steps: [],
    command: [],
    healthcheck: [],
    volumes: [],
    stopSignal: 'SIGTERM',
  };
}

function apply(stage: Draft, instruction: Instruction): void {
  const { environment, workdir, user } = stage;
  const state = { environment, workdir, user };
  switch (instruction.getKeyword()) {
    case 'RUN':
      if (!(instruction instanceof JSONInstruction)) throw unknown(instruction);
      refuseFlags(instruction);
      stage.steps.push({ kind: 'run', command: commandOf(instruction), state });
      return;
    case 'COPY': {
      if (!(instruction instanceof Copy)) throw unknown(instruction);
      const others = instruction.getFlags().filter((flag) => flag.getName() !== 'from');
      if (others.length > 0) throw unknown(instruction, 'with another flag than --from');
      const sources = words(instruction);
      const target = sources.pop() ?? '';
      const from = instruction.getFromFlag()?.getValue() ?? undefined;
      stage.steps.push({ kind: 'copy', stage: from, sources, target, state });
      return;
    }
    case 'WORKDIR': {
      if (!(instruction instanceof Workdir)) throw unknown(instruction);
      const path = instruction.getAbsolutePath() ?? undefined;
      if (path === undefined) throw unknown(instruction, 'that is not absolute');
      stage.workdir = path;
      stage.steps.push({ kind: 'workdir', path });
      return;
    }
    case 'ENV':
      if (!(instruction instanceof Env)) throw unknown(instruction);
      stage.environment = {
        ...environment,
        ...Object.fromEntries(
          instruction.getProperties().map((entry) => [entry.getName(), entry.getValue() ?? '']),
        ),
      };
      return;
    case 'USER': {
      const value = instruction instanceof User ? words(instruction).join(' ') : '';
      if (!/^\d+:\d+$/.test(value)) throw unknown(instruction, 'that is not two numbers');
      stage.user = value;
      return;
    }
    case 'VOLUME':
      stage.volumes = [...stage.volumes, ...words(instruction)];
      return;
    case 'STOPSIGNAL':
      stage.stopSignal = words(instruction).join(' ');
      return;
    case 'CMD':
      stage.command = execForm(instruction.getRawArgumentsContent() ?? '', instruction);
      return;
    case 'HEALTHCHECK': {
      const form = /^.*?\bCMD\s+(\[.*\])$/s.exec(instruction.getRawArgumentsContent() ?? '');
      stage.healthcheck = execForm(form?.[1] ?? '', instruction);
      return;
    }
    // What these say is for those who read the image.
    case 'LABEL':
    case 'EXPOSE':
      return;
    default:
      throw unknown(instruction);
  }
}

/** The shell form runs in a shell, the exec form as it is. */
function commandOf(instruction: JSONInstruction): string[] {
  const raw = instruction.getRawArgumentsContent() ?? '';
  if (instruction.getOpeningBracket() !== null) return execForm(raw, instruction);
  return ['/bin/sh', '-c', raw.replaceAll(/\\\n/g, '')];
}

function execForm(raw: string, instruction: Instruction): string[] {
  const words: unknown = raw.startsWith('[') ? JSON.parse(raw) : undefined;
  if (!Array.isArray(words) || words.length === 0) {
    throw unknown(instruction, 'in shell form: a shell would not hand on the signals');
  }
  return words.map(String);
}

function refuseFlags(instruction: JSONInstruction): void {
  if (instruction.getFlags().length > 0) throw unknown(instruction, 'with flags');
}

function words(instruction: Instruction): string[] {
  return instruction.getExpandedArguments().map((argument) => argument.getValue());
}

function unknown(instruction: Instruction, how = ''): Error {
  const line = instruction.getRange().start.line + 1;
  return new Error(
    `Dockerfile:${line}: this test does not know ${instruction.getKeyword()} ${how}`.trimEnd(),
  );
}
