import { execFileSync } from "node:child_process";

/** What an HTTP answer was, as curl shows it. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Runs the README's curl line against a router, as a reader would, and reads what it shows. */
export function tryReadmeLine(readme: string, router: { url: string; key: string }): Shown {
  const block = /<!-- try -->\s+```sh\n([\s\S]*?)```/.exec(readme)?.[1];
  if (block?.includes("http://localhost:8787") !== true) throw new Error("no line to try");
  const line = block.replace("http://localhost:8787", router.url).replace("curl -i", "curl -s -i");
  const output = execFileSync("bash", ["-c", line], {
    env: { ...process.env, LIFEBOAT_KEY: router.key },
    encoding: "utf8",
  });
  return readShown(output);
}

function readShown(output: string): Shown {
  const [head = "", ...rest] = output.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status: Number(status.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}
