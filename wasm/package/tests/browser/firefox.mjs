// Firefox, found on this machine and driven over Marionette, its own remote protocol: JSON on a socket, so nothing needs to be installed beside it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const executable = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((p) => existsSync(p));
/** Firefox without a screen has no WebGL, so it gets one that nobody sees. */
export const screen = ['/usr/bin/Xvfb'].find((p) => existsSync(p));
/** Why the tests that need a map cannot run here, or false. */
export const missing = !executable ? 'no Firefox on this machine (apt: firefox-esr)' : !screen ? 'no screen to give Firefox, which maps need (apt: xvfb)' : false;

const START_MS = 60_000;
const COMMAND_MS = 120_000;
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Downloads without asking, no first-run pages, nobody called. */
const prefs = (downloads) => ({
  'marionette.port': 0,
  'browser.download.folderList': 2,
  'browser.download.dir': downloads,
  'browser.download.useDownloadDir': true,
  'browser.download.always_ask_before_handling_new_types': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutConfig.showWarning': false,
  'browser.safebrowsing.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.policy.firstRunURL': '',
  'toolkit.telemetry.server': '',
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
});

/** `<length>:<json>` messages both ways; commands are [0, id, name, parameters], answers [1, id, error, value]. */
class Marionette {
  #socket;
  #waiting = new Map();
  #held = Buffer.alloc(0);
  #next = 1;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('close', () => this.#fail(new Error('Firefox closed its remote connection')));
    socket.on('error', (error) => this.#fail(error));
  }

  send(name, parameters = {}) {
    const id = this.#next++;
    const text = Buffer.from(JSON.stringify([0, id, name, parameters]));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.#waiting.delete(id); reject(new Error(`${name}: no answer of Firefox within ${COMMAND_MS / 1000} s`)); }, COMMAND_MS);
      this.#waiting.set(id, { resolve, reject, timer, name });
      this.#socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
    });
  }
  end() {
    this.#socket.destroy();
  }

  #read(bytes) {
    this.#held = Buffer.concat([this.#held, bytes]);
    for (;;) {
      const colon = this.#held.indexOf(58);
      const end = colon + 1 + Number(this.#held.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || this.#held.length < end) return;
      const message = JSON.parse(this.#held.subarray(colon + 1, end).toString());
      this.#held = this.#held.subarray(end);
      if (!Array.isArray(message)) continue; // the greeting
      const [, id, error, value] = message;
      const waiting = this.#waiting.get(id);
      if (!waiting) continue;
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
      if (error) waiting.reject(new Error(`${waiting.name}: ${error.error}: ${error.message}`));
      else waiting.resolve(value);
    }
  }
  #fail(error) {
    for (const { reject, timer } of this.#waiting.values()) { clearTimeout(timer); reject(error); }
    this.#waiting.clear();
  }
}

async function connected(profile, child) {
  const file = join(profile, 'MarionetteActivePort');
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`${executable}: expected to run, it ended with status ${child.exitCode}`);
    if (!existsSync(file)) continue;
    const port = Number(readFileSync(file, 'utf8'));
    if (!port) continue;
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve, reject) => { socket.once('connect', resolve); socket.once('error', reject); });
    return new Marionette(socket);
  }
  throw new Error(`${executable}: expected a remote port within ${START_MS / 1000} s, found none`);
}

/** A child that ends when asked, or is ended. */
function stopper(child) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  };
}

/** An X server on a display of its own choice; it says which on its file 3. */
async function openScreen(width, height) {
  const child = spawn(screen, ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const display = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${screen}: expected a display within ${START_MS / 1000} s, found none`)), START_MS);
    child.stdio[3].once('data', (bytes) => { clearTimeout(timer); resolve(`:${String(bytes).trim()}`); });
    child.once('exit', (status) => { clearTimeout(timer); reject(new Error(`${screen}: expected to run, it ended with status ${status}`)); });
  });
  return { display, close: stopper(child) };
}

/** A Firefox that nobody sees, in a profile of its own. `downloads` is where files go. */
export async function launch({ width = 1300, height = 900 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'fair-firefox-'));
  const profile = join(home, 'profile');
  const downloads = join(home, 'downloads');
  for (const folder of [profile, downloads]) mkdirSync(folder);
  writeFileSync(join(profile, 'user.js'), Object.entries(prefs(downloads)).map(([k, v]) => `user_pref(${JSON.stringify(k)}, ${JSON.stringify(v)});\n`).join(''));
  const closers = [() => rmSync(home, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => { for (const one of closers.splice(0).reverse()) await one(); };
  try {
    const shown = screen ? await openScreen(width, height) : null;
    if (shown) closers.push(shown.close);
    const child = spawn(executable, [...(shown ? [] : ['--headless']), '--marionette', '--no-remote', '--width', String(width), '--height', String(height), '--profile', profile], {
      stdio: 'ignore', env: { ...process.env, HOME: home, ...(shown ? { DISPLAY: shown.display } : {}) },
    });
    closers.push(stopper(child));
    const wire = await connected(profile, child);
    closers.push(() => wire.end());
    const { capabilities } = await wire.send('WebDriver:NewSession', { capabilities: { alwaysMatch: { pageLoadStrategy: 'normal' } } });
    await wire.send('WebDriver:SetTimeouts', { script: COMMAND_MS - 10_000, pageLoad: 60_000, implicit: 0 });
    return { ...page(wire), version: capabilities.browserVersion, downloads, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a person does to a page, and looks. */
function page(wire) {
  const evaluate = async (body, ...args) => (await wire.send('WebDriver:ExecuteScript', { script: `return (${body}).apply(null, arguments)`, args, sandbox: null })).value;
  const element = async (selector) => (await wire.send('WebDriver:FindElement', { using: 'css selector', value: selector })).value[ELEMENT];
  const click = async (selector) => {
    await evaluate((s) => document.querySelector(s)?.scrollIntoView({ block: 'center' }), selector);
    await wire.send('WebDriver:ElementClick', { id: await element(selector) });
  };
  return {
    evaluate,
    click,
    goto: (url) => wire.send('WebDriver:Navigate', { url }),
    text: (selector) => evaluate((s) => document.querySelector(s)?.textContent ?? '', selector),
    /** Text into a field, as typed; what was there is gone. */
    async fill(selector, text) {
      const id = await element(selector);
      await wire.send('WebDriver:ElementClear', { id });
      await wire.send('WebDriver:ElementSendKeys', { id, text });
    },
    /** Keys for whatever has the focus. */
    press: (...keys) => wire.send('WebDriver:PerformActions', {
      actions: [{ type: 'key', id: 'keyboard', actions: keys.flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]) }],
    }),
    /** Until `body` gives something true in the page; that is given back. */
    async until(body, ...args) {
      for (const end = Date.now() + COMMAND_MS; Date.now() < end; await sleep(50)) {
        const value = await evaluate(body, ...args);
        if (value) return value;
      }
      throw new Error(`expected ${String(body).slice(0, 200)} within ${COMMAND_MS / 1000} s`);
    },
    /** Another tab in front of this one; commands go on to this one. */
    async cover() {
      const { value: mine } = await wire.send('WebDriver:GetWindowHandle');
      const { handle: other } = await wire.send('WebDriver:NewWindow', { type: 'tab', focus: true });
      await wire.send('WebDriver:SwitchToWindow', { handle: other, focus: true });
      await wire.send('WebDriver:SwitchToWindow', { handle: mine, focus: false });
    },
    async screenshot() {
      return Buffer.from((await wire.send('WebDriver:TakeScreenshot', { full: false })).value, 'base64');
    },
  };
}
