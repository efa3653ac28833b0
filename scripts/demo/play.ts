/**
 * Something that happens over time: it does what is to be done at an instant, and yields the one at which it goes on,
 * in milliseconds since the epoch.
 */
export type Story = AsyncGenerator<number, void>;

/**
 * Lets stories happen side by side, in the order of their instants, until an end. What is still to come then does not
 * happen.
 *
 * @param goTo sets the clock before a story goes on
 */
export async function play(
  stories: readonly Story[],
  goTo: (instant: number) => void,
  end: number,
): Promise<void> {
  const due: { story: Story; at: number }[] = [];
  const goOn = async (story: Story): Promise<void> => {
    const next = await story.next();
    if (next.done !== true && next.value <= end) due.push({ story, at: next.value });
  };
  for (const story of stories) await goOn(story);
  while (due.length > 0) {
    due.sort((a, b) => a.at - b.at);
    const next = due.shift();
    if (next === undefined) return;
    goTo(next.at);
    await goOn(next.story);
  }
}
