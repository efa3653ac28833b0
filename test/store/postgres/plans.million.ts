import { describePlans } from './plans-suite.js';

describePlans(1_000_000);
