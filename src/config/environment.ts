import { env } from "node:process";

/** The only reader of the environment: gateway.yaml may refer to a variable by its name. */
export const environment = (name: string): string | undefined => env[name];
