//go:build tools

// Package tools names the command that this module pins and builds for the tests.
package tools

import _ "k8s.io/kubernetes/cmd/kube-apiserver"
