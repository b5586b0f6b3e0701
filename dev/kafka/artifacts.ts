import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const KAFKA_VERSION = "4.3.1";

/** Everything that may be made again lies here: jars, the formatted template, the class archive. */
export const CACHE = fileURLToPath(new URL(`../../.cache/kafka/${KAFKA_VERSION}`, import.meta.url));

type Artifact = readonly [group: string, name: string, version: string];

/** Kafka's POMs bring no log binding; slf4j-simple starts fastest and writes to stderr. */
const LOG_BINDING: Artifact = ["org.slf4j", "slf4j-simple", "1.7.36"];

/** What a class path is for → the folder of the cache that holds it, and what it is made of. Each is resolved when it is first asked for. */
const CLASS_PATHS = {
  /** The broker and Kafka's tools. */
  broker: {
    folder: "lib",
    artifacts: [
      ["org.apache.kafka", "kafka_2.13", KAFKA_VERSION],
      ["org.apache.kafka", "kafka-tools", KAFKA_VERSION],
      LOG_BINDING,
    ],
  },
  /** MirrorMaker 2: only the race needs it. */
  mirror: {
    folder: "mirror",
    artifacts: [["org.apache.kafka", "connect-mirror", KAFKA_VERSION], LOG_BINDING],
  },
} as const satisfies Record<string, { folder: string; artifacts: readonly Artifact[] }>;

const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** A class path for `java -cp`. Resolved with Maven once; afterwards neither Maven nor a network is needed. */
export async function classPath(use: keyof typeof CLASS_PATHS = "broker"): Promise<string> {
  const { folder, artifacts } = CLASS_PATHS[use];
  const jars = join(CACHE, folder);
  if (!existsSync(jars)) await settle(jars, (draft) => resolve(draft, artifacts));
  return join(jars, "*");
}

/**
 * Makes a folder or file of the cache in a place of its own and moves it there when it is whole: an interrupted or a
 * second concurrent run leaves nothing half done.
 */
export async function settle(target: string, make: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const workshop = await mkdtemp(join(CACHE, "draft-"));
  try {
    const draft = join(workshop, "result");
    await make(draft);
    await rename(draft, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function resolve(draft: string, artifacts: readonly Artifact[]): Promise<void> {
  await mkdir(draft);
  const pom = join(draft, "pom.xml");
  await writeFile(pom, project(artifacts));
  const args = ["-q", "-B", "-f", pom, COPY, "-DincludeScope=runtime", `-DoutputDirectory=${draft}`];
  try {
    await promisify(execFile)("mvn", args, { maxBuffer: 16 << 20 });
  } catch (error) {
    const { code, stdout } = error as { code?: string; stdout?: string };
    const why =
      code === "ENOENT" ? "the command mvn was not found (install Apache Maven)" : tail(stdout ?? "");
    throw new Error(`Kafka ${KAFKA_VERSION} could not be fetched from the Maven repository: ${why}`, {
      cause: error,
    });
  }
}

function project(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tiermesh</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join("\n")}</dependencies></project>`;
}

/** The last lines of a program's output, without the frames of Java's stack traces: enough to see why it failed. */
export function tail(text: string, lines = 12): string {
  const telling = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("\tat "));
  return telling.slice(-lines).join("\n");
}

/** `JAVA_HOME` names the Java to use; otherwise the one in the path. */
export function javaCommand(): string {
  const home = process.env.JAVA_HOME;
  return home === undefined || home === "" ? "java" : join(home, "bin", "java");
}
