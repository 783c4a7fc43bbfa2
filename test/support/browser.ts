import { type Browser, chromium } from "playwright-core";
import { browserArguments, setUpBrowser } from "../../scripts/browser.ts";

/** Starts a Chromium without a window, for what a panel draws; whoever starts it closes it. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await setUpBrowser(), args: [...browserArguments] });
}
