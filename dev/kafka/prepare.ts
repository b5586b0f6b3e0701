import { existsSync } from "node:fs";
import { settle } from "./artifacts.ts";
import { startKafka } from "./broker.ts";
import { CLASS_ARCHIVE } from "./class-archive.ts";

/**
 * Fills the cache: jars, a formatted directory, and the archive of classes, which the JVM writes when a first broker
 * ends. Does nothing if it is filled.
 */
export async function prepareKafka(): Promise<void> {
  if (existsSync(CLASS_ARCHIVE)) return;
  await settle(CLASS_ARCHIVE, async (draft) => {
    const kafka = await startKafka({ jvmOptions: [`-XX:ArchiveClassesAtExit=${draft}`] });
    await kafka.stop();
  });
}

if (import.meta.main) await prepareKafka();
