import { spawnSync } from "node:child_process";
import { join } from "node:path";

const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java";

/** What a machine must have: command and pattern that tell its version, oldest version that serves, where to get it. */
const NEEDED = [
  {
    name: "npm",
    command: ["npm", "--version"],
    version: /^(\d+)/,
    oldest: 9,
    get: "It comes with Node: https://nodejs.org/",
  },
  {
    name: "Java",
    command: [java, "-version"],
    version: /version "(\d+)/,
    oldest: 17,
    forKafka: true,
    get: "Debian, Ubuntu: apt install openjdk-17-jre-headless. macOS: brew install openjdk@17. Others: https://adoptium.net/",
  },
  {
    name: "Maven",
    command: ["mvn", "--version"],
    version: /Maven (\d+)/,
    oldest: 3,
    forKafka: true,
    get: "Debian, Ubuntu: apt install maven. macOS: brew install maven. Others: https://maven.apache.org/",
  },
];

/** One sentence for each thing that is missing; none when all is there. Java and Maven are needed only to run a Kafka. */
export function missingPrerequisites(withKafka) {
  const missing = NEEDED.filter(({ forKafka }) => withKafka || !forKafka).flatMap(lack);
  if (Number.parseInt(process.versions.node, 10) >= 20) return missing;
  return [
    `Node 20 or newer is needed, this is ${process.version}. Get it from https://nodejs.org/`,
    ...missing,
  ];
}

function lack({ name, command: [program, ...args], version, oldest, get }) {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  const found = error ? undefined : version.exec(`${stdout}${stderr}`)?.[1];
  if (Number(found) >= oldest) return [];
  const state = found === undefined ? "was not found" : `has version ${found}`;
  return [`${name} ${oldest} or newer is needed; the command ${program} ${state}. ${get}`];
}
