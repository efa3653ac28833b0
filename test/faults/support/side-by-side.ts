/** Runs as many side by side, each with its number, and waits for all: when one fails, the others still end what they have started. */
export async function sideBySide<Result>(
  count: number,
  run: (number: number) => Promise<Result>,
): Promise<Result[]> {
  const running = Array.from({ length: count }, (_none, number) => run(number));
  await Promise.allSettled(running);
  return Promise.all(running);
}
