import { isDeepStrictEqual as same } from 'node:util';
import { expect } from 'chai';
import { instantsOf, judgeMove, olderScheduled, Refused } from './design.js';
import type { Entry } from './design.js';
import { byRequest, change } from './entry.js';
import type { Queue } from './queue.js';
import type { ApiResponse, Of } from './request.js';
import { parse, readDeployment } from './response.js';

/** Expects the state of a deployment, or that it is the one of which the caller has the tag. */
export function get(entry: Entry, { ifNoneMatch }: Of<'get'>, response: ApiResponse): void {
  learnTag(entry, response);
  const unchanged = ifNoneMatch === '*' || tagsOf(ifNoneMatch).includes(entry.etag);
  expect(response.status, response.text).to.equal(unchanged ? 304 : 200);
  if (unchanged) expect(response.text).to.equal('');
  else expect(parse(response)).to.deep.equal(entry.deployment);
}

/** Expects a change, and makes it, with all that follows from it. */
export function update(
  queue: Queue,
  { id, body, ifMatch, fault }: Of<'update'>,
  response: ApiResponse,
): void {
  if (fault !== undefined) throw new Refused(422, 'contract-violation', fault.at);
  if (Object.keys(body).length === 0) throw new Refused(400, 'nothing-to-update', 'No fields');
  const entry = queue.find(id);
  const { deployment } = entry;
  if (ifMatch !== undefined && ifMatch !== '*') {
    // Whoever sends a tag has seen it; one that is not known here was changed since by an auto-skip.
    if (entry.etag === undefined || !tagsOf(ifMatch).includes(entry.etag)) {
      learnTag(entry, response);
      throw new Refused(412, 'precondition-failed', entry.etag ?? '');
    }
  }
  const moves = judgeMove(deployment.status, body.status ?? deployment.status);
  expect(response.status, response.text).to.equal(200);
  if (same({ ...deployment, ...body }, deployment)) {
    learnTag(entry, response);
    expect(parse(response)).to.deep.equal(deployment);
    return;
  }
  const { updated_at: at } = readDeployment(response);
  expect(at >= deployment.updated_at, `${at} is before ${deployment.updated_at}`).to.equal(true);
  const to = moves ? body.status : undefined;
  const instants = to === undefined ? {} : instantsOf(deployment, to, at);
  change(entry, { ...body, ...instants, updated_at: at }, byRequest);
  expect(parse(response)).to.deep.equal(entry.deployment);
  learnTag(entry, response);
  if (to === 'deployed') afterDeployed(queue.entries, entry);
}

/** What follows for others: older ones are skipped, and what a rollback replaces was bad. */
function afterDeployed(entries: readonly Entry[], deployed: Entry): void {
  const { id, updated_at: at, rollback_from_deployment_id: replaced } = deployed.deployment;
  const cause = { cause: 'auto_skip' as const, cause_deployment_id: id };
  for (const older of olderScheduled(entries, deployed)) {
    change(older, { status: 'skipped', updated_at: at }, cause);
  }
  const bad = entries.find(({ deployment }) => deployment.id === replaced);
  if (bad !== undefined) bad.foundBad = bad.deployment.deployed_at;
}

function learnTag(entry: Entry, { headers: { etag } }: ApiResponse): void {
  expect(etag).to.match(/^"[^"]+"$/);
  if (entry.etag !== undefined) expect(etag).to.equal(entry.etag);
  expect(entry.formerTags).not.to.include(etag);
  entry.etag = etag;
}

/** The tags of a list, without what a proxy adds that weakens or compresses. */
function tagsOf(list = ''): (string | undefined)[] {
  return list.split(', ').map((tag) => tag.replace(/^W\//, '').replace(/(-gzip|;br)"$/, '"'));
}
