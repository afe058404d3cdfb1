/** How full a bucket was, and when. It empties evenly: a whole limit in one window. */
export interface Bucket {
  readonly level: number;
  readonly at: number;
}

export interface BucketSize {
  readonly limit: number;
  readonly windowMs: number;
}

export const emptyBucket: Bucket = { level: 0, at: 0 };

/** Sums of fractions are not exact; less than this is no difference. */
const tolerance = 1e-6;

/** How full the bucket is now. */
export function levelAt(bucket: Bucket, size: BucketSize, now: number): number {
  const drained = (Math.max(0, now - bucket.at) * size.limit) / size.windowMs;
  return Math.max(0, bucket.level - drained);
}

/** How long until `amount` fits in, whole ms; 0 when it does now. More than the limit never fits. */
export function waitFor(level: number, amount: number, size: BucketSize): number {
  const excess = level + amount - size.limit;
  return excess <= tolerance ? 0 : Math.ceil(msToDrain(excess, size) - tolerance);
}

/** How long the bucket takes to lose `amount`, ms. */
export function msToDrain(amount: number, size: BucketSize): number {
  return (amount * size.windowMs) / size.limit;
}
