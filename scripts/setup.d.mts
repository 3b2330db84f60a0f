/** Path of a Chromium that is there, or null. */
export function findBrowser(): string | null;
