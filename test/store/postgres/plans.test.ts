import { describePlans } from './plans-suite.js';

// So many that a plan which reads all of them is not the cheapest one.
describePlans(20_000);
