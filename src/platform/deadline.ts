/**
 * Waits for something, but no longer than it may take. After that it goes on by itself, and if it fails then,
 * nobody is told.
 *
 * @param timeoutMs in milliseconds
 * @param late called when the time is up; what it returns or throws is what the caller gets
 * @example
 * await withDeadline(store.check(), 2_000, () => {
 *   throw new Error('no response within 2 s');
 * });
 */
export async function withDeadline<T, L = never>(
  call: Promise<T>,
  timeoutMs: number,
  late: () => L,
): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'late');
  });
  try {
    // In a box, so that what the call comes to is not taken for the deadline.
    const first = await Promise.race([call.then((value) => ({ value })), deadline]);
    return first === 'late' ? late() : first.value;
  } finally {
    clearTimeout(timer);
  }
}
