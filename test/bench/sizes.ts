/** How much is sent; every number is a bound. */
export interface Sizes {
  readonly rounds: number;
  readonly loadRequests: number;
  readonly singleRequests: number;
  readonly decisions: number;
  readonly enduring: number;
  /** The endurance run is looked at so many times. */
  readonly enduringParts: number;
  readonly coldStarts: number;
}

export const full: Sizes = {
  rounds: 5,
  loadRequests: 3_000,
  singleRequests: 50,
  decisions: 10_000,
  enduring: 100_000,
  enduringParts: 10,
  coldStarts: 5,
};

/** Shows that everything can be measured; its figures mean nothing. */
export const quick: Sizes = {
  rounds: 1,
  loadRequests: 100,
  singleRequests: 5,
  decisions: 200,
  enduring: 200,
  enduringParts: 2,
  coldStarts: 1,
};
