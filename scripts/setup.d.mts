/** Path of a Chromium that is there, or null. */
export function findBrowser(): string | null;
/** Flags that start Chromium quietly. */
export const chromiumFlags: readonly string[];
