/**
 * EPUB (OCF 3.3, section 4.3) and OpenDocument (part 2, section 3.3) are archives whose first entry is called `mimetype`,
 * stored and without an extra field, so that its content stands at byte 38, where file(1) and readers look for it. Such an
 * entry is written so by itself, without the extended timestamp that the others have.
 */
export const MIMETYPE = 'mimetype';

/**
 * The time for an entry's extra field.
 *
 * @returns seconds since 1970 UTC; NaN for none
 */
export function timestampOf(isMimetype: boolean, isStored: boolean, unixTime: number): number {
  return isMimetype && isStored ? Number.NaN : unixTime;
}
