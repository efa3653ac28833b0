/** `node --import` this: the process sends itself SIGTERM when it listens for the nth time, as SIGNAL_AT_LISTEN says. */
import { Server } from 'node:net';
import process from 'node:process';

const { listen } = Server.prototype;
let count = 0;

Server.prototype.listen = function (...args) {
  count += 1;
  if (String(count) === process.env.SIGNAL_AT_LISTEN) process.kill(process.pid, 'SIGTERM');
  return listen.apply(this, args);
};
