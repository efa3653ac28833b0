/** What every process here has. All limits are the default ones. */
export const environment = { AUTH_ENABLED: 'false' };
