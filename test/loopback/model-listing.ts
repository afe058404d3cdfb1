import type { ServerResponse } from "node:http";
import type { Listed } from "./behaviour.ts";

const oneModel: Listed = {
  body: JSON.stringify({ object: "list", data: [{ id: "real-model", object: "model" }] }),
};

/** What an upstream says at `GET /v1/models`, and how often it was asked. */
export class ModelListing {
  readonly #listed: Listed;
  asked = 0;

  constructor(listed: Listed = oneModel) {
    this.#listed = listed;
  }

  answer(response: ServerResponse): void {
    this.asked += 1;
    const { status = 200, type = "application/json", body } = this.#listed;
    response.writeHead(status, { "content-type": type });
    response.end(body);
  }
}
