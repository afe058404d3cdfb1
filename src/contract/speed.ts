/** How fast a candidate has answered of late. */
export interface Speed {
  /** To the first output, ms. */
  readonly firstTokenMs: number;
  /** Tokens of the answer in a second; null when no answer was long enough to tell. */
  readonly tokensPerSecond: number | null;
  /** When it was measured last, ms UTC. */
  readonly at: number;
}

export interface CandidateSpeed {
  readonly candidate: string;
  readonly speed: Speed;
}
