import type { components } from '../../../generated/openapi.js';

type Schemas = components['schemas'];

/** A lock as the contract shows it. */
export type Lock = Schemas['Lock'];
/** All that a caller says of a lock. */
export type LockCreate = Schemas['LockCreate'];
/** A freeze as the contract shows it. */
export type ShownFreeze = Schemas['Freeze'];
/** All that a caller says of a freeze. */
export type FreezeCreate = Schemas['FreezeCreate'];
/** One change of a lock or a freeze. */
export type GateEvent = Schemas['GateEvent'];
/** A gate that is closed for a deployment, as the contract shows it. */
export type ClosedGate = Schemas['ClosedGate'];
/** An approval of a deployment, as the contract shows it. */
export type Approval = Schemas['Approval'];

/** What of a freeze does not change with time. */
export type Freeze = Omit<ShownFreeze, 'closed' | 'closed_until' | 'next_closed_at'>;

/** A calendar of freezes as the contract shows it. */
export type FreezeCalendar = Schemas['FreezeCalendar'];

/** How many calendars an organisation may have. */
export const maxCalendars = 50;
/** How many locks and freezes an organisation may have together: each start looks at them. */
export const maxGates = 500;
/** How many of them may be freezes: what a calendar says takes longer to find. */
export const maxFreezes = 100;
