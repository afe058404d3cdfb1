const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * A duration as OpenAI writes it in headers and messages, which is Go's notation: `0s`, `20ms`,
 * `8.64s`, `1m26.4s`, `24h0m0s`. Parts of a millisecond round up.
 * Source: https://pkg.go.dev/time#Duration.String
 */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms - 1e-6));
  if (whole === 0) return "0s";
  if (whole < second) return `${whole}ms`;
  const seconds = `${(whole % minute) / second}s`;
  if (whole < minute) return seconds;
  const minutes = `${Math.floor((whole % hour) / minute)}m${seconds}`;
  return whole < hour ? minutes : `${Math.floor(whole / hour)}h${minutes}`;
}
