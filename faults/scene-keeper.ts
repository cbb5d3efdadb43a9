import type { Scenario } from './scenarios/scenario.ts'
import { openScene, type Scene } from './scene.ts'

/** Keeps one scene at a time, and opens another where a scenario needs that. */
export interface SceneKeeper extends AsyncDisposable {
  /** The scene that there is, if a scenario can be played in it, else a new one. */
  sceneFor(scenario: Scenario): Promise<Scene>
  /** Something in it is broken: the next scenario gets a new one. */
  discard(): Promise<void>
}

export function createSceneKeeper(maxStalenessMs: number): SceneKeeper {
  let current: { readonly scene: Scene; readonly settings: string } | undefined

  async function discard(): Promise<void> {
    const ended = current
    current = undefined
    await ended?.scene[Symbol.asyncDispose]()
  }
  return {
    async sceneFor({ store, storeArgs = [], config = {} }) {
      const settings = JSON.stringify([store, storeArgs, config])
      if (current?.settings === settings) return current.scene
      await discard()
      current = { scene: await openScene({ store, storeArgs, config, maxStalenessMs }), settings }
      return current.scene
    },
    discard,
    [Symbol.asyncDispose]: discard,
  }
}
