/** What every process here has. All limits are the default ones. */
export const environment = { AUTH_ENABLED: 'false' };

/**
 * Those of a suite that looks at random moments under write load: one organisation sends as much as the
 * service gets done, which is more than its rate.
 */
export const environmentUnderLoad = { ...environment, RATE_LIMIT_PER_SECOND: '0' };
