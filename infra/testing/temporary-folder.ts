import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let parent: string | undefined;

/** A folder that is gone when the process of the tests ends: what one file made others may use. */
export function temporaryFolder(): string {
  parent ??= parentFolder();
  return mkdtempSync(join(parent, 'folder-'));
}

function parentFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'otp-infra-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
