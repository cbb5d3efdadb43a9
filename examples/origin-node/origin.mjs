// An origin that lets nobody in whom Gatehouse did not send. Needs: npm install jose
import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const issuer = process.env.GATEHOUSE_URL // https://auth.example.com
const audience = process.env.GATEHOUSE_AUDIENCE // 64 hex digits, from `gatehouse validate --audiences`
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer))

createServer(async (request, response) => {
  try {
    const { payload } = await jwtVerify(request.headers['gatehouse-jwt-assertion'] ?? '', keys, { issuer, audience })
    if (payload.type !== 'assertion') throw new Error('not an assertion')
    response.end(`Hello ${payload.email}\n`)
  } catch (error) {
    console.error(error.message)
    response.writeHead(403).end('Not through Gatehouse\n')
  }
}).listen(process.env.PORT ?? 3000)
