import { render } from 'preact';
import './styles/main.css';
import { App } from './ui/app.js';

const root = document.getElementById('board');
// Where the page is, a proxy's prefix included: everything it asks for is below.
const base = new URL('.', document.baseURI).href;
if (root !== null) render(<App base={base} />, root);
