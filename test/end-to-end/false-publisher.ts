import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Company } from "../../dev/company/company.ts";
import type { FrameHeader } from "../../src/bridge/frames/frame.ts";
import type { Json } from "../../src/kernel/json.ts";
import { sealFrame } from "../support/wire-frames.ts";
import { tlsOf } from "./caller.ts";

/** A frame as it was on the wire, without the length before it. */
export type WireFrame = Buffer;

/** What is written to whoever asks for the stream. */
export type Script = readonly Buffer[];

/** A frame with the length before it. */
export function framed(frame: WireFrame): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

const SIGNATURE_BYTES = 64;
const PARTS = {
  length: () => 0,
  header: (head: number) => 2 + (head >> 1),
  signature: (head: number) => 2 + head + (SIGNATURE_BYTES >> 1),
  body: (head: number) => 2 + head + SIGNATURE_BYTES + 70,
} as const;

/** The frame with one bit flipped in the middle of a part. */
export function flipped(frame: WireFrame, part: keyof typeof PARTS): WireFrame {
  const changed = Buffer.from(frame);
  const at = PARTS[part](frame.readUInt16BE(0));
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

/** What stands in a frame's header. */
export const headerOf = (frame: WireFrame): FrameHeader =>
  JSON.parse(frame.toString("utf8", 2, 2 + frame.readUInt16BE(0)));

/** The same header and body, signed anew by another key; without the length before it. */
export function resigned(frame: WireFrame, key: Parameters<typeof sealFrame>[2]): WireFrame {
  const body = frame.subarray(2 + frame.readUInt16BE(0) + SIGNATURE_BYTES);
  return sealFrame(headerOf(frame), body, key).subarray(4);
}

/**
 * Answers in the place of a company's gateway, with its own TLS key: somebody who holds the key of the connection but not
 * the one that signs frames. The agreement and the stream's shape are as the company would say them; the stream is a script.
 */
export class FalsePublisher {
  readonly #server: Server;
  readonly #answers: ReadonlyMap<string, Json>;
  #script: Script = [];
  #asked = Promise.withResolvers<number>();

  private constructor(company: Company, answers: ReadonlyMap<string, Json>) {
    this.#answers = answers;
    this.#server = createServer(
      { ...tlsOf(company), requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" },
      (request, response) => {
        request.resume();
        this.#answer(request.method ?? "", request.url ?? "", response);
      },
    );
  }

  /** `answers`: path → what a GET of it is answered. The company's own gateway must not run. */
  static async start(company: Company, answers: ReadonlyMap<string, Json>): Promise<FalsePublisher> {
    const publisher = new FalsePublisher(company, answers);
    publisher.#server.listen(Number(new URL(company.url).port), "127.0.0.1");
    await once(publisher.#server, "listening");
    return publisher;
  }

  /**
   * What the next streams say; each stays open afterwards. Streams that are open are cut. Resolves when the first was asked
   * for, with when that was, ms since 1970.
   */
  async say(script: Script): Promise<number> {
    this.#script = script;
    this.#asked = Promise.withResolvers();
    this.#server.closeAllConnections();
    return await this.#asked.promise;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(method: string, path: string, response: ServerResponse): void {
    if (method === "POST") {
      this.#asked.resolve(Date.now());
      response.writeHead(200, { "content-type": "application/vnd.tiermesh.frames" });
      response.write(Buffer.concat([...this.#script]));
      return;
    }
    const body = this.#answers.get(path);
    response
      .writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" })
      .end(JSON.stringify(body ?? null));
  }
}
