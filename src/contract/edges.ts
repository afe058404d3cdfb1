/** What the pure rooms need from outside; passed in, so that a test can stand in for each. */

/** Milliseconds UTC. On Workers it only moves after I/O, so it measures waiting, not computing. */
export interface Clock {
  now(): number;
}

/** A number in [0, 1). */
export type Random = () => number;

/** The only way out of the process. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Ends when the time is over, or rejects with the signal's reason when that comes first. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;
