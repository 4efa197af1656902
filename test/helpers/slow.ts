/** Whether all combinations run, as `npm run test:slow` has it: without it a test takes some of them, in which each pair occurs. */
export const SLOW = process.env.PZIP_SLOW === '1';
