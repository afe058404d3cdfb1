/**
 * One structured line for Workers Logs. Of an error only its message is written, cut short: no
 * stack, and no body of a request or an answer ever comes here.
 */
export function log(event: string, details: Readonly<Record<string, unknown>>): void {
  const { error, ...rest } = details;
  const line = { event, ...rest, ...(error !== undefined && { error: messageOf(error) }) };
  // oxlint-disable-next-line no-console -- the console is where Workers Logs are written
  console.warn(JSON.stringify(line));
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);
}
