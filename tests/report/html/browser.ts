import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const cache = fileURLToPath(new URL('../../../node_modules/.cache/csflow', import.meta.url));

/** So that drawing does not depend on the machine's graphics and the fonts' hints. */
const flags = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'];

/**
 * A headless Chromium: on Linux the one in the package @sparticuz/chromium, elsewhere the Chrome or Edge that is
 * installed, or the program that CSFLOW_BROWSER names.
 */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env.CSFLOW_BROWSER;
  if (named !== undefined) return chromium.launch({ executablePath: named, args: flags });
  if (process.platform === 'linux' && process.arch === 'x64') return launchPackaged();
  const problems: string[] = [];
  for (const channel of ['chrome', 'msedge', 'chromium']) {
    try {
      return await chromium.launch({ channel, args: flags });
    } catch (error) {
      problems.push(error instanceof Error ? error.message.split('\n')[0] : String(error));
    }
  }
  throw new Error(
    `no browser for the tests of the report: install Chrome or set CSFLOW_BROWSER\n${problems.join('\n')}`,
  );
}

async function launchPackaged(): Promise<Browser> {
  const place = await unpackedChromium();
  return chromium.launch({
    executablePath: join(place, 'chromium'),
    args: flags,
    env: {
      ...(process.env as Record<string, string>),
      // Its libraries and its fonts come with it, so that nothing else must be installed.
      LD_LIBRARY_PATH: join(place, 'al2023', 'lib'),
      FONTCONFIG_FILE: await fontConfiguration(place),
    },
  });
}

/** The package's own looks for its fonts in /tmp. */
async function fontConfiguration(place: string): Promise<string> {
  const path = join(place, 'fonts.conf');
  const folders = `<dir>${join(place, 'fonts')}</dir><cachedir>${join(place, 'fonts-cache')}</cachedir>`;
  await writeFile(path, `<?xml version="1.0"?><fontconfig>${folders}</fontconfig>\n`);
  return path;
}

/** The package unpacks into the folder for temporary files; here into one of the project, whole or not at all. */
async function unpackedChromium(): Promise<string> {
  const place = join(cache, 'chromium-143.0.4');
  if (existsSync(place)) return place;
  const beside = `${place}.${process.pid}`;
  await mkdir(beside, { recursive: true });
  const before = { ...process.env };
  try {
    process.env.TMPDIR = beside;
    // Asks for the libraries too.
    process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x';
    const { default: packaged } = await import('@sparticuz/chromium');
    await packaged.executablePath();
    await rename(beside, place).catch((error: unknown) => {
      if (!existsSync(place)) throw error;
    });
  } finally {
    for (const name of ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'HOME']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await rm(beside, { recursive: true, force: true });
  }
  return place;
}
