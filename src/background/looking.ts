/** Something that is looked at again and again. */
export interface Looking {
  /** Has it looked at now; once more, when somebody is looking. */
  look(): void;
  stop(): void;
}

/**
 * Looks whenever that is asked for, one look after the other, and after each of them once more in time.
 *
 * @param lookOnce says after how long to look again, in milliseconds; must not reject
 * @param isNeeded whether anybody waits for what is found
 */
export function keepLooking(lookOnce: () => Promise<number>, isNeeded: () => boolean): Looking {
  let isAsked = false;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;
  const hasMore = (): boolean => isAsked && isNeeded();

  async function look(): Promise<void> {
    isAsked = true;
    if (isLooking) return;
    isLooking = true;
    clearTimeout(timer);
    let pauseMs = 0;
    while (hasMore()) {
      isAsked = false;
      pauseMs = await lookOnce();
    }
    isLooking = false;
    if (isNeeded()) timer = setTimeout(() => void look(), pauseMs).unref();
  }

  return {
    look: () => void look(),
    stop() {
      clearTimeout(timer);
    },
  };
}
