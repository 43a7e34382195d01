import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder, secretValues } from './data-folder.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'data-')), 'local');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

describe('openDataFolder', () => {
  it('keeps what is there, and begins anew when asked to', () => {
    writeFileSync(openDataFolder(folder).administrator, 'admin');
    expect(readFileSync(openDataFolder(folder).administrator, 'utf8')).toBe('admin');
    expect(existsSync(openDataFolder(folder, { fresh: true }).administrator)).toBe(false);
  });

  it('refuses a folder that a running process has, also to begin anew', () => {
    const holder = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    try {
      openDataFolder(folder);
      writeFileSync(join(folder, 'process'), String(holder.pid));
      expect(() => openDataFolder(folder)).toThrow(
        `is in use by process ${holder.pid}: stop it, or choose another folder with --data.`,
      );
      expect(() => openDataFolder(folder, { fresh: true })).toThrow('is in use');
    } finally {
      holder.kill('SIGKILL');
    }
  });

  it('takes a folder whose process is gone, or that was released', () => {
    openDataFolder(folder).release();
    // No process has so high a number.
    writeFileSync(join(folder, 'process'), '999999999');
    expect(() => openDataFolder(folder)).not.toThrow();
  });
});

describe('secretValues', () => {
  it('are the same for the same reference in the same folder, and others elsewhere', () => {
    const { salt } = openDataFolder(folder);
    const value = secretValues(salt)('{{resolve:a}}');
    expect(value).toMatch(/^[0-9a-f]{48}$/);
    expect(secretValues(salt)('{{resolve:a}}')).toBe(value);
    expect(secretValues(salt)('{{resolve:b}}')).not.toBe(value);
    expect(secretValues()('{{resolve:a}}')).not.toBe(value);
  });
});
