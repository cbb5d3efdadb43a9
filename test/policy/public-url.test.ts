import { describe, expect, test } from 'vitest'
import { publicUrls } from '../../src/policy/public-url.ts'

describe('publicUrls', () => {
  test.each<[string, string, number, string, string, string]>([
    [
      'https://auth.example.com',
      'https',
      443,
      'auth.example.com',
      'https://auth.example.com',
      'https://app.example.com',
    ],
    [
      'https://auth.example.com/',
      'https',
      443,
      'auth.example.com',
      'https://auth.example.com',
      'https://app.example.com',
    ],
    [
      'https://AUTH.Example.com:443',
      'https',
      443,
      'auth.example.com',
      'https://auth.example.com',
      'https://app.example.com',
    ],
    [
      'https://auth.example.com:8443',
      'https',
      8443,
      'auth.example.com',
      'https://auth.example.com:8443',
      'https://app.example.com:8443',
    ],
    ['http://auth.localhost', 'http', 80, 'auth.localhost', 'http://auth.localhost', 'http://app.example.com'],
    ['http://auth.localhost:80', 'http', 80, 'auth.localhost', 'http://auth.localhost', 'http://app.example.com'],
    [
      'http://auth.localhost:8000',
      'http',
      8000,
      'auth.localhost',
      'http://auth.localhost:8000',
      'http://app.example.com:8000',
    ],
    [
      'https://auth.example.com:80',
      'https',
      80,
      'auth.example.com',
      'https://auth.example.com:80',
      'https://app.example.com:80',
    ],
  ])('of %s', (url, scheme, port, authHost, issuer, origin) => {
    const urls = publicUrls(new URL(url))
    expect({ ...urls, origin: urls.origin('app.example.com') }).toEqual({ scheme, port, authHost, issuer, origin })
  })
})
