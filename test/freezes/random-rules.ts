import type { FreezeRule } from '../../src/domain/freezes/rule.js';
import { Random } from '../support/random.js';

/** A rule, and what is asked of it: its windows between two instants, in seconds since the epoch. */
export interface Question extends FreezeRule {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

const zones = [
  ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
  ...[
    'Europe/London',
    'Europe/Dublin',
    'America/St_Johns',
    'Pacific/Chatham',
    'Asia/Kolkata',
    'UTC',
  ],
];
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const daySeconds = 86_400;

/** Days around which clocks are changed, somewhere. */
const changes = [
  '2026-03-08',
  '2026-03-29',
  '2026-04-05',
  '2026-09-27',
  '2026-10-04',
  '2026-10-25',
  '2026-11-01',
];

/** Rules of all kinds that a schema allows, many of them around changes of the clocks, and the same for a seed. */
export function randomQuestions(seed: number, count: number): Question[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => randomQuestion(random));
}

function randomQuestion(random: Random): Question {
  const start = randomStart(random);
  const minutes = random.pick([1, 45, 60, 90, 150, 720, 1440, 2880, 3600, 5040, 20_160, 86_400]);
  const seconds = minutes * 60 + (random.next() < 0.1 ? whole(random, 0, 59) : 0);
  const ahead = whole(random, -30, random.next() < 0.6 ? 30 : 1500);
  const from = start / 1000 + ahead * daySeconds + whole(random, 0, daySeconds);
  return {
    time_zone: random.pick(zones),
    starts: wall(start),
    ends: wall(start + seconds * 1000),
    rrule: random.next() < 0.02 ? null : randomRrule(random, start),
    from,
    to: from + whole(random, 1, 1500) * daySeconds,
    limit: whole(random, 1, 8),
  };
}

function randomStart(random: Random): number {
  const near = Date.parse(random.pick(changes)) + whole(random, -1, 1) * daySeconds * 1000;
  const anywhere = Date.UTC(whole(random, 2020, 2030), whole(random, 0, 11), whole(random, 1, 31));
  const day = random.next() < 0.4 ? near : anywhere;
  // Between one and four at night, where clocks are changed, more than at other times.
  const minute = random.next() < 0.5 ? whole(random, 60, 240) : whole(random, 0, 1439);
  const second = random.next() < 0.1 ? whole(random, 0, 59) : 0;
  return day + (minute * 60 + second) * 1000;
}

function randomRrule(random: Random, start: number): string {
  const frequency = random.pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const);
  const parts = [`FREQ=${frequency}`];
  const maybe = (chance: number, part: () => string): void => {
    if (random.next() < chance) parts.push(part());
  };
  const interval = { DAILY: 40, WEEKLY: 12, MONTHLY: 18, YEARLY: 4 }[frequency];
  maybe(0.5, () => `INTERVAL=${whole(random, 1, interval)}`);
  maybe(0.3, () => endOf(random, start));
  maybe(0.3, () => `WKST=${random.pick(weekdays)}`);
  const before = parts.length;
  maybe(0.25, () => `BYMONTH=${numbers(random, 1, 12, false)}`);
  if (frequency !== 'WEEKLY') maybe(0.25, () => `BYMONTHDAY=${numbers(random, 1, 31, true)}`);
  if (frequency === 'YEARLY') maybe(0.2, () => `BYYEARDAY=${numbers(random, 1, 366, true)}`);
  if (frequency === 'YEARLY' && random.next() < 0.2) {
    parts.push(`BYWEEKNO=${numbers(random, 1, 50, true)}`, `BYDAY=${days(random, 0)}`);
  } else {
    const ofYear = parts.some((part) => part.startsWith('BYMONTH=')) ? 5 : 20;
    const most = { DAILY: 0, WEEKLY: 0, MONTHLY: 5, YEARLY: ofYear }[frequency];
    maybe(0.5, () => `BYDAY=${days(random, random.next() < 0.5 ? most : 0)}`);
  }
  if (parts.slice(before).some((part) => !part.startsWith('BYWEEKNO'))) {
    const most = { DAILY: 1, WEEKLY: 3, MONTHLY: 5, YEARLY: 12 }[frequency];
    maybe(0.3, () => `BYSETPOS=${numbers(random, 1, most, true)}`);
  }
  return parts.join(';');
}

function endOf(random: Random, start: number): string {
  if (random.next() < 0.5) return `COUNT=${whole(random, 1, 40)}`;
  const until = start + whole(random, 0, 1500 * daySeconds) * 1000;
  const text = wall(until).replace(/[-:]/g, '');
  return `UNTIL=${random.pick([text.slice(0, 8), text, `${text}Z`])}`;
}

/** Weekdays: all with numbers, up to the most, or none, since dateutil finds no day that is of both kinds. */
function days(random: Random, most: number): string {
  const sign = (): string => (random.next() < 0.4 ? '-' : '');
  const each = (): string => (most === 0 ? '' : `${sign()}${whole(random, 1, most)}`);
  return some(random, () => `${each()}${random.pick(weekdays)}`);
}

function numbers(random: Random, from: number, to: number, fromEnd: boolean): string {
  return some(random, () => {
    const number = whole(random, from, to);
    return String(fromEnd && random.next() < 0.3 ? -number : number);
  });
}

function some(random: Random, make: () => string): string {
  return [...new Set(Array.from({ length: whole(random, 1, 4) }, make))].join(',');
}

function whole(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}

function wall(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}
