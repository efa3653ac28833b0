import type { ServerResponse } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import type { RefusalMetrics } from './metrics.js';
import { HttpError } from './problem.js';

/** Keeps what requests hold in memory within bounds. */
export interface HeldMemory {
  /**
   * Makes room for what a request holds until its response is out, or its connection has ended.
   *
   * @throws HttpError `overloaded` when there is none
   */
  hold(res: ServerResponse, organisation: string, bytes: number): void;
  /** The same for what is there already, and cannot be refused any more. */
  holdAnyway(res: ServerResponse, organisation: string, bytes: number): void;
  /** Gives back what a response holds whose bytes have all been handed to the system. */
  release(res: ServerResponse): void;
}

/** By how much the objects and texts that are made of a request's body are larger than it, about. */
export const bodyFactor = 8;

/** What of the heap requests may hold together; what they hold is in part outside of it. */
const shareOfHeap = 1 / 3;

/**
 * Bounds what all requests hold, and what those of one organisation do: bodies that are read and worked on,
 * responses that their callers have not read.
 *
 * An organisation may hold as much as is free (a dynamic threshold with an alpha of 1: Choudhury and Hahne,
 * https://doi.org/10.1109/90.664262). So one by itself gets half, of two that want more a third each, and
 * whoever comes next still finds as much as each of those before has.
 *
 * @param total how many bytes there are
 */
export function boundMemory(
  metrics: RefusalMetrics,
  total = Math.floor(getHeapStatistics().heap_size_limit * shareOfHeap),
): HeldMemory {
  const holders = new Map<ServerResponse, { organisation: string; bytes: number }>();
  const byOrganisation = new Map<string, number>();
  let held = 0;

  const heldBy = (organisation: string): number => byOrganisation.get(organisation) ?? 0;

  function add(organisation: string, bytes: number): void {
    held += bytes;
    const sum = heldBy(organisation) + bytes;
    if (sum > 0) byOrganisation.set(organisation, sum);
    else byOrganisation.delete(organisation);
  }

  function release(res: ServerResponse): void {
    const holder = holders.get(res);
    if (holder === undefined) return;
    holders.delete(res);
    add(holder.organisation, -holder.bytes);
  }

  function holdAnyway(res: ServerResponse, organisation: string, bytes: number): void {
    const holder = holders.get(res);
    if (holder === undefined) {
      holders.set(res, { organisation, bytes });
      res.once('close', () => {
        release(res);
      });
    } else {
      holder.bytes += bytes;
    }
    add(organisation, bytes);
  }

  return {
    hold(res, organisation, wanted) {
      // However large it is, it may be while there is nothing else.
      const bytes = Math.min(wanted, total / 2);
      if (heldBy(organisation) + bytes > total - held) {
        metrics.requestRefused('overloaded');
        throw new HttpError(
          'overloaded',
          `Requests of the organisation ${organisation} hold as much memory as they may, by large bodies or responses that are not read; try again in 1 second`,
          { headers: { 'Retry-After': '1' } },
        );
      }
      holdAnyway(res, organisation, bytes);
    },
    holdAnyway,
    release,
  };
}
