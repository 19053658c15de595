import { createRequire } from 'node:module';

/** What computes here, beside csflow. */
export interface RuntimeVersions {
  readonly node: string;
  readonly onnxruntime: string;
}

export function runtimeVersions(): RuntimeVersions {
  // From the package's own description: its native library would slow the start of every command.
  const description: unknown = createRequire(import.meta.url)('onnxruntime-node/package.json');
  const { version } = description as { readonly version: string };
  return { node: process.versions.node, onnxruntime: version };
}
