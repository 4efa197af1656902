/** Numbers as people read them: decimal units, and the same in every locale. */

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

export function formatCount(count: number, one: string, many: string): string {
  const grouped = String(count).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${grouped} ${count === 1 ? one : many}`;
}

/** How large the result is in percent of what went in; of next to nothing there is no ratio worth a number. */
export function formatRatio(bytesOut: number, bytesIn: number): string {
  if (bytesIn === 0) return '–';
  return bytesOut >= 10 * bytesIn ? '>999 %' : `${((100 * bytesOut) / bytesIn).toFixed(1)} %`;
}
