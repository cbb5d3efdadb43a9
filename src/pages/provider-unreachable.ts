import { type Answer, page } from './answer.ts'
import { type Choice, choiceList } from './choices.ts'
import { finePrint } from './fine-print.ts'
import { link } from './href.ts'
import { html } from './html.ts'
import { icon } from './icons.ts'
import { layout } from './layout.ts'

export interface ProviderUnreachableData {
  /** Display name of the provider that gave no answer. */
  readonly provider: string
  readonly tryAgainHref: string
  /** The other ways to sign in to the same app; may be none. */
  readonly otherProviders: readonly Choice[]
  readonly retryAfterSeconds: number
  readonly reason: string
  readonly reference?: string | undefined
}

/** 503: the provider gave no answer. Others may, so they are offered. */
export function providerUnreachablePage(data: ProviderUnreachableData): Answer {
  const { provider, otherProviders, retryAfterSeconds, reason, reference } = data
  const alternatives =
    otherProviders.length > 0 &&
    html`<h2 class="section">Or sign in another way</h2>
${choiceList(otherProviders)}`
  const content = html`${icon('cut', 'wait')}
<h1><bdi>${provider}</bdi> does not answer</h1>
<p>We could not reach it just now, so you cannot sign in with it. Apps that you have already opened keep working.</p>
<div class="actions">${link(data.tryAgainHref, 'Try again', 'button')}</div>
${alternatives}
${finePrint({ reasons: [reason], reference })}`
  return page(503, layout({ title: `${provider} does not answer`, content }), { retryAfterSeconds })
}
