import type { components } from '../../../generated/openapi.js';

type Schemas = components['schemas'];

/** A policy as the contract shows it. */
export type Policy = Schemas['Policy'];
/** All that a caller says of a policy. */
export type PolicyPut = Schemas['PolicyPut'];
/** The places that a policy is for. */
export type PolicyScope = Schemas['PolicyScope'];
/** Who may do what where the scope matches. */
export type PolicyRule = Schemas['PolicyRule'];
/** One change of a policy. */
export type PolicyEvent = Schemas['PolicyEvent'];
/** What a caller may do. */
export type Action = Schemas['Action'];
/** Whether something is allowed, and by what. */
export type AccessDecision = Schemas['AccessDecision'];
/** A question about who may do what. */
export type AccessCheck = Schemas['AccessCheck'];

/**
 * All policies of an organisation. Each change makes a new set, whose revision is that of the policy that
 * changed; a store hands the same set out as the same object for as long as it can.
 */
export interface PolicySet {
  /** Counts the changes; 0 before the first. */
  readonly revision: number;
  /** When the last change was, RFC 3339 in UTC with milliseconds; empty before the first. */
  readonly changedAt: string;
  /** By name. */
  readonly policies: readonly Policy[];
}

/** What an organisation has before it has changed any. */
export const noPolicies: PolicySet = { revision: 0, changedAt: '', policies: [] };

/** How many policies an organisation may have. */
export const maxPolicies = 100;
/** What they may take together as JSON, in UTF-16 units: they are read with each decision. */
export const maxPolicyChars = 128 * 1024;

/** What can be read of policies. */
export interface PolicyReads {
  /** All of them. */
  policies: { of: object; gives: PolicySet };
  /** The events of those of a name, oldest first, after a revision. */
  policyEvents: {
    of: { readonly name: string; readonly after: number; readonly limit: number };
    gives: readonly PolicyEvent[];
  };
}

/** What can change of policies. */
export interface PolicyChanges {
  /** The policies on which the decision rests, which must still be those of their revision. */
  readonly policiesAt: { readonly organisation: string; readonly revision: number };
  /** A new set, which is stored only while the present one is that of the revision before. */
  readonly policySet: PolicySetChange;
}

/** One change of one policy. */
export interface PolicySetChange {
  readonly organisation: string;
  /** The name of the policy that changes. */
  readonly name: string;
  readonly to: PolicySet;
  readonly event: PolicyEvent;
}
