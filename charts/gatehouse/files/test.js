// What `helm test` asks: a check of an application that does not exist has to be refused, and the portal has to show its keys.
const http = require('node:http')
const { setTimeout: pause } = require('node:timers/promises')

const { CHECK_URL, PORTAL_URL, AUTH_HOST, PAUSE_MS = '3000' } = process.env
const ATTEMPTS = 10

// Not `fetch`, which would let nobody set the Host header.
function get(url, headers) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, timeout: 5000 }, (response) => {
      let body = ''
      response
        .setEncoding('utf8')
        .on('data', (text) => (body += text))
        .on('end', () => resolve({ ...pick(response), body }))
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s'))).on('error', reject)
  })
}

function pick({ statusCode, headers }) {
  return { status: statusCode, reason: headers['gatehouse-reason'] }
}

async function checkIsClosed() {
  const forwarded = { 'x-forwarded-method': 'GET', 'x-forwarded-host': AUTH_HOST, 'x-forwarded-uri': '/' }
  const { status, reason } = await get(`${CHECK_URL}/forward/app/helm-test/no-such-application`, forwarded)
  if (status !== 403) throw new Error(`a check of an unknown application is answered ${status} (${reason}), not 403`)
  return `check: 403 ${reason}, as it has to be`
}

async function keysAreShown() {
  const { status, body } = await get(`${PORTAL_URL}/.well-known/jwks.json`, { host: AUTH_HOST })
  const keys = status === 200 ? JSON.parse(body).keys.length : 0
  if (keys === 0) throw new Error(`the portal answers ${status} and shows no keys`)
  return `portal: ${keys} public key(s)`
}

async function attempt(test) {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return console.log(await test())
    } catch (error) {
      if (left === 0) throw error
      console.log(`${error.message}; again`)
      await pause(Number(PAUSE_MS))
    }
  }
}

Promise.resolve()
  .then(() => attempt(checkIsClosed))
  .then(() => attempt(keysAreShown))
  .catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
