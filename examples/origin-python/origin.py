"""An origin that lets nobody in whom Gatehouse did not send. Needs: pip install 'pyjwt[crypto]'"""
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
import jwt

ISSUER, AUDIENCE = os.environ["GATEHOUSE_URL"], os.environ["GATEHOUSE_AUDIENCE"]
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")

class Origin(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            token = self.headers["Gatehouse-Jwt-Assertion"] or ""
            claims = jwt.decode(token, KEYS.get_signing_key_from_jwt(token), ["ES256", "RS256", "EdDSA"], issuer=ISSUER, audience=AUDIENCE)
            status, text = (200, f"Hello {claims.get('email')}\n") if claims.get("type") == "assertion" else (403, "Not an assertion\n")
        except jwt.PyJWTError as error:
            print(error); status, text = 403, "Not through Gatehouse\n"
        self.send_response(status); self.end_headers(); self.wfile.write(text.encode())

HTTPServer(("", int(os.environ.get("PORT", "3000"))), Origin).serve_forever()
