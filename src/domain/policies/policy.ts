import type { components } from '../../../generated/openapi.js';

type Schemas = components['schemas'];

/** A policy as the contract shows it. */
export type Policy = Schemas['Policy'];
/** All that a caller says of a policy. */
export type PolicyPut = Schemas['PolicyPut'];
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

/** How many policies an organisation may have. */
export const maxPolicies = 100;
/** What they may take together as JSON, in UTF-16 units: they are read with each decision. */
export const maxPolicyChars = 128 * 1024;
