/** The exit codes of the command. */
export const EXIT_DONE = 0;
/** Nothing is left behind, and an old archive is as it was. */
export const EXIT_FAILED = 1;
/** The command line could not mean anything; nothing was done. */
export const EXIT_USAGE = 2;
/** The archive is complete but for files that could not be read, each of which was named. */
export const EXIT_SKIPPED = 3;

/** As shells count: 128 and the signal's number. */
export const EXIT_BY_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StoppingSignal = keyof typeof EXIT_BY_SIGNAL;

/** Of `pzip diff`, as of diff(1) and cmp(1). */
export const EXIT_DIFFERENT = 1;
/** Of `pzip diff`: the command line could not mean anything, or something could not be read. */
export const EXIT_NOT_COMPARED = 2;
