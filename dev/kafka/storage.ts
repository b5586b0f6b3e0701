import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CACHE, classPath, javaCommand, settle } from "./artifacts.ts";
import { serverProperties } from "./properties.ts";

const TEMPLATE = join(CACHE, "formatted");

/**
 * Formats a log directory. Kafka's StorageTool takes a second, so its result is kept: the feature levels are the same for
 * every cluster, and the ids stand in meta.properties alone. A directory that is formatted already stays as it is.
 */
export async function format(data: string): Promise<void> {
  const meta = join(data, "meta.properties");
  if (existsSync(meta)) return;
  if (!existsSync(TEMPLATE)) await settle(TEMPLATE, formatWithKafka);
  await cp(TEMPLATE, data, { recursive: true });
  await writeFile(meta, `version=1\nnode.id=1\ncluster.id=${kafkaUuid()}\ndirectory.id=${kafkaUuid()}\n`);
}

async function formatWithKafka(draft: string): Promise<void> {
  await mkdir(draft);
  const file = join(draft, "..", "server.properties");
  await writeFile(
    file,
    serverProperties(draft, 1, [{ name: "PLAINTEXT", protocol: "PLAINTEXT", port: 2 }], {}),
  );
  const args = ["-cp", await classPath(), "kafka.tools.StorageTool", "format", "-t", kafkaUuid(), "-c", file];
  await promisify(execFile)(javaCommand(), args);
}

/** Kafka's text form of a UUID: base64url of 16 bytes; a leading dash would be taken for an option. */
export function kafkaUuid(): string {
  const text = randomBytes(16).toString("base64url");
  return text.startsWith("-") ? kafkaUuid() : text;
}
