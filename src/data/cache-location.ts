import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../errors.js';

/** 4 GiB. */
export const DEFAULT_CACHE_BYTES = 4 * 1024 ** 3;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where cached features live: `CSFLOW_CACHE`, else the platform's place for caches (`~/.cache/csflow` or
 * `$XDG_CACHE_HOME/csflow`, `~/Library/Caches/csflow`, `%LOCALAPPDATA%\csflow`).
 */
export function cacheDirectory(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (environment.CSFLOW_CACHE) return resolve(environment.CSFLOW_CACHE);
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'csflow');
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'csflow');
  const xdg = environment.XDG_CACHE_HOME;
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.cache'), 'csflow');
}

/**
 * The cache's bound in bytes: `CSFLOW_CACHE_MAX_BYTES`, else {@link DEFAULT_CACHE_BYTES}.
 * @throws UserError where the variable is no whole number of bytes
 */
export function cacheMaxBytes(environment: Environment = process.env): number {
  const text = environment.CSFLOW_CACHE_MAX_BYTES;
  if (text === undefined || text === '') return DEFAULT_CACHE_BYTES;
  const bytes = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(bytes)) {
    throw new UserError(
      `CSFLOW_CACHE_MAX_BYTES: expected a whole number of bytes such as ${DEFAULT_CACHE_BYTES}, got "${text}"`,
    );
  }
  return bytes;
}
