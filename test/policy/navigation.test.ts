import { describe, expect, test } from 'vitest'
import { type ClientHints, isNavigation } from '../../src/policy/navigation.ts'

const page: ClientHints & { method: string } = {
  method: 'GET',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  secFetchMode: 'navigate',
  requestedWith: undefined,
  webSocketKey: undefined,
  contentType: undefined,
}

describe('isNavigation', () => {
  test.each<[string, Partial<ClientHints & { method: string }>, boolean]>([
    ['a browser that opens a page', {}, true],
    ['a browser that asks for its head', { method: 'HEAD' }, true],
    ['an older browser that opens a page', { secFetchMode: undefined }, true],
    ['a browser that navigates and accepts anything', { accept: '*/*' }, true],
    ['a browser that navigates and says nothing of what it accepts', { accept: undefined }, true],
    ['a form', { method: 'POST' }, false],
    ['a preflight', { method: 'OPTIONS' }, false],
    ['a deletion', { method: 'DELETE' }, false],
    ['a fetch', { secFetchMode: 'cors' }, false],
    ['a fetch of the same origin that accepts HTML', { secFetchMode: 'same-origin' }, false],
    ['an image', { secFetchMode: 'no-cors', accept: 'image/png' }, false],
    ['a web socket', { secFetchMode: 'websocket' }, false],
    ['a web socket of an older browser', { secFetchMode: undefined, webSocketKey: 'x' }, false],
    ['a web socket with an empty key', { webSocketKey: '' }, false],
    ['an XHR', { requestedWith: 'XMLHttpRequest' }, false],
    ['an XHR that says so with nothing', { requestedWith: '' }, false],
    ['gRPC', { contentType: 'application/grpc' }, false],
    ['gRPC of the web', { contentType: 'application/grpc-web+proto' }, false],
    ['a page asked for with a content type', { contentType: 'text/plain' }, true],
    ['curl', { secFetchMode: undefined, accept: '*/*' }, false],
    ['a script that accepts JSON', { secFetchMode: undefined, accept: 'application/json' }, false],
    ['a program that says nothing', { secFetchMode: undefined, accept: undefined }, false],
    ['a mode that nobody knows', { secFetchMode: 'Navigate' }, false],
    ['an empty mode', { secFetchMode: '' }, false],
  ])('says of %s: %o is %s', (_, parts, expected) => {
    const { method, ...hints } = { ...page, ...parts }
    expect(isNavigation(method, hints)).toBe(expected)
  })
})
