import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const KAFKA_VERSION = "4.3.1";

/** Everything that may be made again lies here: jars, the formatted template, the class archive. */
export const CACHE = fileURLToPath(new URL(`../../.cache/kafka/${KAFKA_VERSION}`, import.meta.url));

/** Kafka's POMs bring no log binding; slf4j-simple starts fastest and writes to stderr. */
const ARTIFACTS = [
  ["org.apache.kafka", "kafka_2.13", KAFKA_VERSION],
  ["org.apache.kafka", "kafka-tools", KAFKA_VERSION],
  ["org.apache.kafka", "connect-mirror", KAFKA_VERSION],
  ["org.slf4j", "slf4j-simple", "1.7.36"],
] as const;

const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** The class path of the broker and of Kafka's tools. Resolved with Maven once; afterwards neither Maven nor a network is needed. */
export async function classPath(): Promise<string> {
  const jars = join(CACHE, "lib");
  if (!existsSync(jars)) await settle(jars, resolve);
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

async function resolve(draft: string): Promise<void> {
  await mkdir(draft);
  const pom = join(draft, "pom.xml");
  await writeFile(pom, project());
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

function project(): string {
  const dependencies = ARTIFACTS.map(
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
