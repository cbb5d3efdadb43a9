import type { Demo } from '../start.ts'
import { newBrowser } from './browser.ts'
import { journey } from './journey.ts'
import type { Journey } from './step.ts'

/**
 * Walks the whole journey against a demo and ends the demo. Each step is printed with a tick; the first that fails ends
 * the walk.
 *
 * @returns the exit code: 0, or 1 with what failed
 */
export async function smoke(demo: Demo, print: (line: string) => void): Promise<number> {
  const started = performance.now()
  const traveller: Journey = { demo, alice: newBrowser(), bob: newBrowser(), stranger: newBrowser() }
  try {
    for (const [title, step] of journey) {
      try {
        const remark = await step(traveller)
        print(`  ✓ ${title}${remark === undefined ? '' : ` (${remark})`}`)
      } catch (error) {
        print(`  ✗ ${title}\n\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
        return 1
      }
    }
    print(`\n  ${journey.length} steps in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    return 0
  } finally {
    await demo.stop('end of the journey')
  }
}
