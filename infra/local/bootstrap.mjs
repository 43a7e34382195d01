/*
 * The first thing that every npm script runs. It needs nothing but Node: it installs what is missing, and runs the script on the
 * Node of Lambda, which is one of the packages.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const leastNode = [20, 19];
const leastJava = 17;

/** What each command runs, and whether DynamoDB Local is part of it. */
const commands = {
  start: { args: ['infra/local/start.ts'], database: true, bound: true },
  test: { args: ['node_modules/vitest/vitest.mjs', 'run'], database: true },
  'test:watch': { args: ['node_modules/vitest/vitest.mjs'], database: true },
  build: { args: ['infra/build.ts'] },
  bench: { args: ['infra/bench/run.ts'], database: true },
  conformance: { args: ['infra/conformance.ts'] },
  routes: { args: ['infra/routes.ts'] },
  readme: { args: ['infra/readme.ts'] },
  'iam-matrix': { args: ['infra/iam-matrix.ts'] },
  sam: { args: ['infra/sam.ts'] },
  bundles: { args: ['infra/bundles.ts'] },
  openapi: { args: ['infra/openapi.ts'] },
  admin: { args: ['infra/admin.ts'] },
  keys: { args: ['infra/keys.ts'] },
};

/** Ends with one sentence. */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return;
  fail(`Node ${process.versions.node} is too old: install Node ${leastNode.join('.')} or newer.`);
}

function checkJava() {
  const said = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(?:1\.)?(\d+)/.exec(`${said.stderr}${said.stdout}`)?.[1];
  const instead = 'or set DYNAMODB_ENDPOINT to a DynamoDB that is running';
  if (said.error !== undefined || version === undefined) {
    fail(
      `There is no Java here, and DynamoDB Local needs one: install a Java runtime ${leastJava} or newer, ${instead}.`,
    );
  }
  if (Number(version) < leastJava) {
    fail(`Java ${version} is too old for DynamoDB Local: install a Java runtime ${leastJava} or newer, ${instead}.`);
  }
}

/** Whether what is installed is what the lock file says: npm keeps its own list of that in node_modules. */
function isInstalled() {
  const list = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(list)) return false;
  const packagesOf = (file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages);
  const installed = new Map(packagesOf(list));
  return packagesOf(join(root, 'package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed.get(path);
    // An optional package is for another system.
    return found === undefined
      ? wanted.optional === true
      : found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function install() {
  console.log('Installing packages …');
  const npm = process.env.npm_execpath;
  const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  try {
    execFileSync(command, [...args, 'ci'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    fail('The packages cannot be installed: npm ci says above why.');
  }
}

function run({ args, bound = false }, more) {
  const node = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(node)) fail('The package node has no Node in it: delete node_modules and start again.');
  // The channel tells the child when this process is gone, in whatever way.
  const child = spawn(node, [...args, ...more], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', ...(bound ? ['ipc'] : [])],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => process.exit(signal === null ? code : 1));
}

const [name, ...more] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) fail(`There is no command ${name}: there are ${Object.keys(commands).join(', ')}.`);
checkNode();
if (command.database && !process.env.DYNAMODB_ENDPOINT) checkJava();
if (!isInstalled()) install();
run(command, more);
