import { existsSync } from "node:fs";
import { settle } from "./artifacts.ts";
import { startKafka } from "./broker.ts";
import { CLASS_ARCHIVE } from "./class-archive.ts";
import { runErrands } from "./errands.ts";

/**
 * Fills the cache: jars, a formatted directory, and the archive of classes, which the JVM writes when a first broker
 * ends; it knows those classes that the broker needed. Does nothing if the cache is filled.
 */
export async function prepareKafka(): Promise<void> {
  if (existsSync(CLASS_ARCHIVE)) return;
  await settle(CLASS_ARCHIVE, async (draft) => {
    const kafka = await startKafka({ jvmOptions: [`-XX:ArchiveClassesAtExit=${draft}`] });
    try {
      await runErrands(kafka.bootstrap);
    } finally {
      await kafka.stop();
    }
  });
}

if (import.meta.main) await prepareKafka();
