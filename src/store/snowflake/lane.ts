/** Where operations of one tenant queue up while they are in each other's way. */
export interface Lanes {
  /** Whether somebody queues in a lane. */
  isBusy(name: string): boolean;
  /** Waits for one's turn; the lane is free again when the returned function is called. */
  enter(name: string): Promise<() => void>;
}

/**
 * Lanes of one process.
 *
 * Changes are tried without a lock, and one that finds its data changed starts over. When many of one
 * tenant's meet in the same rows, most tries would be in vain; so those that met go on one at a time,
 * in the order in which they came. Tenants do not wait for each other.
 */
export function createLanes(): Lanes {
  const lanes = new Map<string, { queued: number; last: Promise<void> }>();

  return {
    isBusy: (name) => lanes.has(name),

    async enter(name) {
      const lane = lanes.get(name) ?? { queued: 0, last: Promise.resolve() };
      lanes.set(name, lane);
      lane.queued += 1;
      const before = lane.last;
      let leave: () => void = () => undefined;
      lane.last = new Promise((resolve) => {
        leave = () => {
          lane.queued -= 1;
          if (lane.queued === 0) lanes.delete(name);
          resolve();
        };
      });
      await before;
      return leave;
    },
  };
}
