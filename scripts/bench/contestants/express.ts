/** Express 5 as it comes: no validation, no authentication, no metrics, no logs. */
import express from 'express';
import { openPlainStore } from '../plain-store.js';
import { announce, organisationOf, pathOf } from './contestant.js';

const store = openPlainStore(pathOf());
const app = express();
app.use(express.json());

app.get('/v1/deployments', (req, res) => {
  res.json(store.list(organisationOf(req), Number(req.query['limit'] ?? 100)));
});
app.post('/v1/deployments/rollback', (req, res) => {
  const query = req.query as Record<string, string>;
  res.status(201).json(store.rollback(organisationOf(req), query));
});
app.post('/v1/deployments', (req, res) => {
  const body = req.body as Record<string, string>;
  res.status(201).json(store.create(organisationOf(req), body));
});
app.get('/v1/deployments/:id', (req, res) => {
  res.json(store.get(organisationOf(req), req.params.id));
});
app.patch('/v1/deployments/:id', (req, res) => {
  res.json(store.deploy(organisationOf(req), req.params.id));
});

announce(app.listen(0, '127.0.0.1'));
