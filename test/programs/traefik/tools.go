//go:build tools

// Package tools names the command that this module pins and builds for the tests.
package tools

import _ "github.com/traefik/traefik/v3/cmd/traefik"
