/** What `npm start` and the image run. */
import './commands/serve.js';
