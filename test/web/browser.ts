// A headless Chromium for the tests of the page, and a page that is signed in.
import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Chromium is: MILLRACE_CHROMIUM, or where systems put it. */
export const chromiumPath = [process.env['MILLRACE_CHROMIUM'] ?? '', ...PLACES]
  .find((path) => path !== '' && existsSync(path))

/** What is said where there is none; with CI=true the tests run and fail with it. */
export const MISSING = 'There is no Chromium: install it (Debian: apt-get install chromium) or set '
  + 'MILLRACE_CHROMIUM to its path'

/** Longer than anything takes on a busy machine; a test that waits so long has failed. */
const WAIT_MS = 20_000

/** Option of tests that need a browser. */
export const skip = chromiumPath === undefined && process.env['CI'] !== 'true' ? MISSING : false

export async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`${MISSING}.`)
  const { chromium } = await import('playwright-core')
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update',
      '--enable-precise-memory-info', '--js-flags=--expose-gc',
    ],
  })
}

/** A page of a person; what goes wrong in it is collected in `problems`. */
export async function newPage(browser: Browser, problems: string[] = []): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 }, locale: 'en-US', timezoneId: 'UTC' })
  page.setDefaultTimeout(WAIT_MS)
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    const text = message.text()
    // The first look for a session finds none, and servers end, which browsers tell as errors.
    const isKnown = text.includes('401') || text.includes('net::ERR_')
    if (message.type() === 'error' && !isKnown) problems.push(text)
  })
  return page
}

/** Opens the page and signs in. */
export async function signedIn(
  browser: Browser, url: string, token: string, problems: string[] = [],
): Promise<Page> {
  const page = await newPage(browser, problems)
  await page.goto(url)
  await page.fill('#token', token)
  await page.click('form button.main')
  await page.waitForSelector('header')
  return page
}
