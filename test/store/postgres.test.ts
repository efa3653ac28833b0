import { optionsFor } from '../postgres/options.js';
import { newDatabase } from '../postgres/shared.js';
import { describePostgresStore } from '../postgres/store.js';

describePostgresStore('PostgreSQL', async () => optionsFor(await newDatabase()));
