/** As a URL spells them, whichever way they were written: 127.0.0.0/8, also as an IPv6 address, and ::1. */
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/;

/** Whether a URL leads to this machine. It needs nothing of Node, since browsers ask, too. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  return loopback.test(hostname);
}
