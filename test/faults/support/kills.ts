/** How often a suite kills what it watches: 200 times, or as `FAULTS_KILLS` says. */
export const allKills = Number(process.env['FAULTS_KILLS'] ?? 200);
