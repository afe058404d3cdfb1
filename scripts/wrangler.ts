import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");
const command = join(root, "node_modules/wrangler/bin/wrangler.js");

const environment = {
  ...process.env,
  // Neither is needed to run locally, and both fail noisily without a network.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
};

/** Runs wrangler to its end; what it said, when it failed, else null. */
export function runWrangler(args: readonly string[]): string | null {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [command, ...args], {
    cwd: root,
    // Questions are answered with their default.
    env: { ...environment, CI: "true" },
    encoding: "utf8",
  });
  if (status === 0) return null;
  return [error?.message, stdout, stderr].filter(Boolean).join("\n");
}

/** A `wrangler dev` that runs until it is stopped, and all that it has started. */
export class WranglerDev {
  readonly #process: ChildProcess;
  readonly #held: string[] = [];
  #silent = true;
  /** Its exit code; 1 when a signal that nobody here sent has ended it. */
  readonly ended: Promise<number>;
  #stopping = false;

  constructor(args: readonly string[]) {
    this.#process = spawn(process.execPath, [command, "dev", ...args], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that it ends with all that it started.
      detached: true,
    });
    this.#process.stdout?.on("data", (data: Buffer) => this.#hear(data, process.stdout));
    this.#process.stderr?.on("data", (data: Buffer) => this.#hear(data, process.stderr));
    this.ended = new Promise((resolve) => {
      this.#process.on("error", () => resolve(1));
      this.#process.on("exit", (code) => resolve(this.#stopping ? 0 : (code ?? 1)));
    });
    process.on("exit", () => this.#signal("SIGKILL"));
  }

  /** What it has said so far and nobody has seen. */
  get said(): string {
    return this.#held.join("");
  }

  /** From now on what it says is passed on; what it said before is forgotten. */
  speak(): void {
    this.#silent = false;
    this.#held.length = 0;
  }

  /** Asks it to end, and makes it end after 5 s. */
  stop(): void {
    this.#stopping = true;
    this.#signal("SIGTERM");
    setTimeout(() => this.#signal("SIGKILL"), 5_000).unref();
  }

  #hear(data: Buffer, target: NodeJS.WriteStream): void {
    if (this.#silent) this.#held.push(data.toString());
    else target.write(data);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended already.
    }
  }
}
