// Google's token endpoint and the door of its object store, under their production host names: whoever signs with the key of the service
// account gets a token, and only requests with a token go through to the store behind.
//
// Environment: ADDRESS, CERTIFICATE_FILE, KEY_FILE, STORE_PORT, TOKEN_HOST, ACCOUNT, PUBLIC_KEY_FILE
const { randomBytes, verify } = require('node:crypto');
const { readFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');

const { ADDRESS, CERTIFICATE_FILE, KEY_FILE, STORE_PORT, TOKEN_HOST, ACCOUNT, PUBLIC_KEY_FILE } = process.env;
const publicKey = readFileSync(PUBLIC_KEY_FILE);
const LIFETIME_SECONDS = 3600;
/** When each token that was handed out ends. */
const tokens = new Map();

https
  .createServer({ cert: readFileSync(CERTIFICATE_FILE), key: readFileSync(KEY_FILE) }, (request, response) => {
    if (request.headers.host === TOKEN_HOST) {
      handOut(request, response);
    } else if (Date.now() < (tokens.get(request.headers.authorization) ?? 0)) {
      pass(request, response);
    } else {
      answer(response, 401, { error: { code: 401, message: 'Invalid Credentials' } });
    }
  })
  .listen(443, ADDRESS);

/** RFC 7523: an assertion, signed by the account, for a token. */
function handOut(request, response) {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (part) => {
    body += part;
  });
  request.on('end', () => {
    const assertion = new URLSearchParams(body).get('assertion') ?? '';
    if (!signedByAccount(assertion)) {
      return answer(response, 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    }
    const token = randomBytes(24).toString('hex');
    tokens.set(`Bearer ${token}`, Date.now() + LIFETIME_SECONDS * 1000);
    answer(response, 200, { access_token: token, expires_in: LIFETIME_SECONDS, token_type: 'Bearer' });
  });
}

function signedByAccount(assertion) {
  const [head, claims = '', signature = ''] = assertion.split('.');
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))) {
    return false;
  }
  const { iss, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return iss === ACCOUNT && aud === `https://${TOKEN_HOST}/token` && exp * 1000 > Date.now();
}

function pass(request, response) {
  const { method, url } = request;
  const headers = { ...request.headers, 'x-forwarded-proto': 'https' };
  const behind = http.request({ host: '127.0.0.1', port: STORE_PORT, method, path: url, headers }, (answered) => {
    response.writeHead(answered.statusCode, answered.headers);
    answered.pipe(response);
  });
  behind.on('error', () => response.destroy());
  request.on('error', () => behind.destroy());
  response.on('close', () => behind.destroy());
  request.pipe(behind);
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
