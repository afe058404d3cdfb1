import type { TestProject } from "vitest/node";
import { startUpstreams } from "./openai-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the misbehaving upstreams listen. */
    upstreams: string;
  }
}

/** The upstreams run in Node, outside workerd, like any provider does. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startUpstreams();
  project.provide("upstreams", server.url);
  return () => server.close();
}
