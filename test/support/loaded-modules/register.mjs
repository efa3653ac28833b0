/** `node --import` this: every module that is loaded from then on is printed, one URL a line. */
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
